"""Which rules hold for one event or body: what is ignored in it, and what varies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import Field, Varies
from comparison.values.json_values import Path
from replayer.matching.comparable_body import Pointer
from replayer.matching.options import pointer

ANY = "*"


class Scope:
    """The rules for what answers a request ("POST /api/v1/stream"), or for its events of one type."""

    def __init__(self, rules: ComparisonRules, request: str = "", event: str = "") -> None:
        self.rules, self.request, self.event = rules, request, event
        self._ignored = rules.ignored
        self._fields = [
            (pointer(field.pointer) if field.pointer else (), field)
            for field in rules.noise.fields
            if field.event == event and is_of(field.request, request)
        ]

    def ignores(self, path: Path) -> bool:
        """Whether a place is left out; what lies below it is never looked at."""
        return any(leads_to(ignored, path) for ignored in self._ignored)

    def varies(self, path: Path, *kinds: Varies) -> bool:
        """Whether a place may vary in one of these ways."""
        return any(field.varies in kinds for field in self._of(path))

    def similarity(self, path: Path) -> float:
        """What texts in a place need to be the same."""
        own = [field.similarity for field in self._of(path) if field.varies == "text"]
        return min((one for one in own if one is not None), default=self.rules.tolerance.text)

    def is_text(self, path: Path) -> bool:
        """Whether what stands in a place is worded freely, however short it is."""
        return self.varies(path, "text")

    def _of(self, path: Path) -> Iterable[Field]:
        return (field for steps, field in self._fields if leads_to(steps, path))


def leads_to(steps: Pointer, path: Path) -> bool:
    """Whether a pointer, with "*" for any step, leads to a place."""
    return len(steps) == len(path) and all(
        step in {ANY, str(own)} for step, own in zip(steps, path, strict=True)
    )


def is_of(pattern: str, request: str) -> bool:
    """Whether a pattern for requests, with "*" for any segment, is of this one; an empty one is of all."""
    ours, theirs = (segments(one) for one in (pattern, request))
    return not pattern or (
        len(ours) == len(theirs) and all(one in {ANY, other} for one, other in zip(ours, theirs, strict=True))
    )


def segments(request: str) -> Sequence[str]:
    """The method and the segments of a path."""
    method, _, path = request.partition(" ")
    return [method, *path.split("/")]
