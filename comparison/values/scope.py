"""The rules for one event or body: which places in it are ignored, and which vary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import Field, Varies
from comparison.values.json_values import Path
from replayer.matching.comparable_body import Pointer
from replayer.matching.options import pointer

ANY = "*"


class Scope:
    """The rules for the responses to a request ("POST /api/v1/stream"), or for their events of one type.

    Without `request` and `event`, the noise that names neither holds.
    """

    def __init__(self, rules: ComparisonRules, request: str = "", event: str = "") -> None:
        self.rules, self.request, self.event = rules, request, event
        self._ignored = rules.ignored
        self._fields = [
            (pointer(field.pointer) if field.pointer else (), field)
            for field in rules.noise.fields
            if field.event == event and matches(field.request, request)
        ]

    def ignores(self, path: Path) -> bool:
        """Tells whether a place, with all that lies below it, is left out of the comparison."""
        return any(leads_to(ignored, path) for ignored in self._ignored)

    def varies(self, path: Path, *kinds: Varies) -> bool:
        """Tells whether the noise lets a place vary in one of these ways."""
        return any(field.varies in kinds for field in self._noise_at(path))

    def similarity(self, path: Path) -> float:
        """Returns the similarity (0 to 1) that two texts in a place need to count as equal."""
        learned = [field.similarity for field in self._noise_at(path) if field.varies == "text"]
        return min((one for one in learned if one is not None), default=self.rules.tolerance.text)

    def is_text(self, path: Path) -> bool:
        """Tells whether a place holds prose by the noise, however short its texts are."""
        return self.varies(path, "text")

    def _noise_at(self, path: Path) -> Iterable[Field]:
        return (field for steps, field in self._fields if leads_to(steps, path))


def leads_to(steps: Pointer, path: Path) -> bool:
    """Tells whether a pointer, in which "*" is any step, leads to a place."""
    return len(steps) == len(path) and all(
        step in {ANY, str(actual)} for step, actual in zip(steps, path, strict=True)
    )


def matches(pattern: str, request: str) -> bool:
    """Tells whether a request fits a pattern: "GET /jobs/*", "*" being any segment; an empty one fits all."""
    if not pattern:
        return True
    expected, actual = segments(pattern), segments(request)
    return len(expected) == len(actual) and all(
        segment in {ANY, found} for segment, found in zip(expected, actual, strict=True)
    )


def segments(request: str) -> Sequence[str]:
    """Returns the method of a request and the segments of its path."""
    method, _, path = request.partition(" ")
    return [method, *path.split("/")]
