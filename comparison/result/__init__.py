"""What a comparison returns: differences, what could not be compared, and a verdict."""

from comparison.result.difference import (
    ASPECTS,
    Aspect,
    Change,
    Difference,
    Place,
    Uncompared,
    shown,
)
from comparison.result.session_comparison import Comparison, SessionComparison, Verdict

__all__ = [
    "ASPECTS",
    "Aspect",
    "Change",
    "Comparison",
    "Difference",
    "Place",
    "SessionComparison",
    "Uncompared",
    "Verdict",
    "shown",
]
