"""In what two JSON values differ, place by place, but for what varies by nature or by the rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from comparison.alignment.sequences import Edit, edits
from comparison.conversation.token_correspondence import Correspondence
from comparison.result import Aspect, Change
from comparison.values import text_similarity, volatile_shapes
from comparison.values.json_values import Path, encode, json_text, kind
from comparison.values.masking import Masker, is_secret_value, name_of
from comparison.values.scope import Scope
from foundation.absent import ABSENT

JOB_ID = "job_id"
"""The one key under which a number can be a token."""


class ValueDifference(NamedTuple):
    """A place in which two values differ, and what each side has there."""

    path: Path
    aspect: Aspect
    change: Change
    recorded: str
    live: str
    why: str
    measure: float | None = None


class Comparer:
    """Compares values under the rules of a scope; tokens are equal when they stand for each other."""

    def __init__(self, scope: Scope, tokens: Correspondence) -> None:
        self.scope = scope
        self.tokens = tokens

    def compare(self, recorded: Any, live: Any, path: Path = ()) -> Iterator[ValueDifference]:
        """All places in which two JSON values, or texts that are none, differ."""
        if recorded is live or self.scope.ignores(path) or self.scope.varies(path, "any"):
            return
        if recorded is ABSENT or live is ABSENT:
            yield from self._there_or_not(recorded, live, path)
        elif kind(recorded) != kind(live):
            why = f"{kind(recorded)} became {kind(live)}"
            yield ValueDifference(path, "structure", "retyped", json_text(recorded), json_text(live), why)
        elif not self.scope.varies(path, "value"):
            yield from self._of_one_kind(recorded, live, path)

    def _of_one_kind(self, recorded: Any, live: Any, path: Path) -> Iterator[ValueDifference]:
        match recorded:
            case dict():
                for key in [*recorded, *(key for key in live if key not in recorded)]:
                    yield from self.compare(recorded.get(key, ABSENT), live.get(key, ABSENT), (*path, key))
            case list():
                yield from self._lists(recorded, live, path)
            case str():
                yield from self._texts(recorded, live, path)
            case bool() | None:
                if recorded != live:
                    yield changed(path, recorded, live, "the value is another")
            case _:
                yield from self._numbers(recorded, live, path)

    def _there_or_not(self, recorded: Any, live: Any, path: Path) -> Iterator[ValueDifference]:
        if not self.scope.varies(path, "presence"):
            change: Change = "added" if recorded is ABSENT else "removed"
            why = "a field that was not recorded" if recorded is ABSENT else "a recorded field is missing"
            yield ValueDifference(path, "structure", change, json_text(recorded), json_text(live), why)

    def _lists(self, recorded: list[Any], live: list[Any], path: Path) -> Iterator[ValueDifference]:
        one, other = Masker(self.scope, self.tokens.recorded), Masker(self.scope, self.tokens.live)
        ours = [one.content(item, (*path, place)) for place, item in enumerate(recorded)]
        theirs = [other.content(item, (*path, place)) for place, item in enumerate(live)]
        free = self._is_free((*path, 0))

        def alike(left: int, right: int) -> float:
            return item_similarity(ours[left], theirs[right], free=free)

        for edit in edits(list(map(encode, ours)), list(map(encode, theirs)), alike):
            left = ABSENT if edit.left is None else recorded[edit.left]
            right = ABSENT if edit.right is None else live[edit.right]
            place = (*path, edit.place)
            if edit.what in {"moved", "duplicated"} and not self._is_free(place):
                yield elsewhere(edit, place, left, right)
            if edit.what != "duplicated":
                yield from self.compare(left, right, place)

    def _is_free(self, path: Path) -> bool:
        return self.scope.ignores(path) or self.scope.varies(path, "any", "presence")

    def _texts(self, recorded: str, live: str, path: Path) -> Iterator[ValueDifference]:
        name = name_of(path)
        if recorded == live or is_same_secret(name, recorded, live):
            return
        same = self.tokens.same(recorded, live)
        if same is None:
            shape, new = volatile_shapes.of_text(recorded, name), volatile_shapes.of_text(live, name)
            if shape is None or shape != new:
                yield from self._unlike(recorded, live, path, shape, new)
        elif not same:
            yield from self._unlike(recorded, live, path, "token", None)

    def _unlike(
        self, recorded: str, live: str, path: Path, shape: str | None, new: str | None
    ) -> Iterator[ValueDifference]:
        recorded_text, _ = self.tokens.recorded.masked(recorded)
        live_text, _ = self.tokens.live.masked(live)
        if self.scope.is_text(path) or (
            text_similarity.is_prose(recorded) and text_similarity.is_prose(live)
        ):
            yield from self._prose(recorded_text, live_text, path)
        elif shape == "token" or volatile_shapes.masked(recorded_text) != volatile_shapes.masked(live_text):
            yield changed(path, recorded, live, shape_change(shape, new))

    def _prose(self, recorded: str, live: str, path: Path) -> Iterator[ValueDifference]:
        needed, found = self.scope.similarity(path), text_similarity.similarity(recorded, live)
        if found < needed:
            why = f"the texts are alike by {found:.0%}, {needed:.0%} is needed"
        elif (
            found < 1 and not self.scope.is_text(path) and text_similarity.says_other_numbers(recorded, live)
        ):
            why = "much the same words with other numbers"
        else:
            return
        yield ValueDifference(path, "texts", "changed", *text_similarity.excerpts(recorded, live), why, found)

    def _numbers(self, recorded: float, live: float, path: Path) -> Iterator[ValueDifference]:
        if is_near(recorded, live, self.scope.rules.tolerance.number):
            return
        if name_of(path) == JOB_ID and self.tokens.same(str(recorded), str(live)):
            return
        shape, new = (volatile_shapes.of_number(value, name_of(path)) for value in (recorded, live))
        if shape is None or shape != new:
            yield changed(path, recorded, live, shape_change(shape, new))


def is_same_secret(name: str, recorded: str, live: str) -> bool:
    """Whether both are credentials, whatever they are."""
    return bool(recorded) == bool(live) and is_secret_value(name, recorded) and is_secret_value(name, live)


def is_near(recorded: float, live: float, tolerance: float) -> bool:
    """Whether two numbers are equal, or within a part of the larger one."""
    if recorded == live:
        return True
    try:
        return abs(recorded - live) <= tolerance * max(abs(recorded), abs(live))
    except OverflowError:  # an integer beyond every float
        return False


def elsewhere(edit: Edit, path: Path, recorded: Any, live: Any) -> ValueDifference:
    """An item of a list that stands in another place, or in two."""
    if edit.what == "moved":
        why = f"what was item {edit.left} of the list is item {edit.right} now"
        return ValueDifference(path, "structure", "moved", json_text(recorded), json_text(live), why)
    return ValueDifference(
        path, "structure", "duplicated", "nothing", json_text(live), "the list has this item once more"
    )


def changed(path: Path, recorded: Any, live: Any, why: str) -> ValueDifference:
    """A value that is another."""
    return ValueDifference(path, "values", "changed", json_text(recorded), json_text(live), why)


def shape_change(shape: str | None, new: str | None) -> str:
    """Why two values that may vary in their shape are not the same."""
    if shape == "token":
        return "a token became another one's, or none"
    if shape is None and new is None:
        return "the value is another"
    return f"{shape or 'a plain value'} became {new or 'a plain value'}"


def item_similarity(recorded: Any, live: Any, *, free: bool = False) -> float:
    """How alike two items of a list are: enough to be a pair when they are of one kind and nothing says otherwise.

    Of objects, those with other keys have to share something, and where items come and go by nature (`free`), most.
    """
    if kind(recorded) != kind(live):
        return 0.0
    alike = content_similarity(recorded, live)
    if isinstance(recorded, dict) and (
        (free and alike <= 0.5) or (recorded.keys() != live.keys() and not alike)
    ):
        return 0.0
    return 0.4 + 0.6 * alike


def content_similarity(recorded: Any, live: Any) -> float:
    """How much of two values is the same, at a glance."""
    if not isinstance(recorded, dict) or not isinstance(live, dict):
        return 1.0 if recorded == live else 0.0
    same = sum(1 for key in recorded if key in live and recorded[key] == live[key])
    every = len(recorded.keys() | live.keys())
    return same / every if every else 0.0
