"""Finds the places in which two JSON values differ, but for what varies by nature or by the rules.

recorded  {"step": "reading", "files": ["a", "b"], "at": "2026-11-22T12:00:00Z"}
live      {"step": "loading", "files": ["b"],      "at": "2026-12-01T08:30:00Z"}

/step     values changed      "reading", "loading"
/files/0  structure removed   "a", nothing          lists are aligned: "b" is the same item
                                                     two timestamps of one shape are equal
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from cassettes.values import fresh_ids, volatile_shapes
from comparison.alignment.sequences import Edit, edits
from comparison.conversation.token_correspondence import Correspondence
from comparison.result import Aspect, Change
from comparison.values import text_similarity
from comparison.values.json_values import Path, encode, json_text, kind
from comparison.values.masking import Masker, is_secret_value, name_of
from comparison.values.scope import Scope
from comparison.values.statements import contradictions
from foundation.absent import ABSENT


class ValueDifference(NamedTuple):
    """A place in which two values differ, with what each side has there, and why that counts.

    `measure` is the similarity of two texts (0 to 1), None for all other differences. `in_answer` says that
    the recorded value is a text of the answer.
    """

    path: Path
    aspect: Aspect
    change: Change
    recorded: str
    live: str
    why: str
    measure: float | None = None
    in_answer: bool = False


class Comparer:
    """Compares values under the rules of a scope; tokens that correspond to each other are equal.

    `said` are the texts of the recorded answer.
    """

    def __init__(self, scope: Scope, tokens: Correspondence, said: frozenset[str] = frozenset()) -> None:
        self.scope = scope
        self.tokens = tokens
        self._said = said

    def compare(self, recorded: Any, live: Any, path: Path = ()) -> Iterator[ValueDifference]:
        """Yields the places in which two JSON values, or PlainTexts, differ; ABSENT is a value that a side lacks."""
        found = self._compared(recorded, live, path)
        if self._said and not (isinstance(recorded, dict | list) and isinstance(live, dict | list)):
            said = self._holds_answer(recorded)
            found = (one._replace(in_answer=True) if said else one for one in found)
        yield from found

    def _holds_answer(self, value: Any) -> bool:
        """Tells whether a text of the answer is in a recorded value."""
        if isinstance(value, dict | list):
            return any(map(self._holds_answer, value.values() if isinstance(value, dict) else value))
        return isinstance(value, str) and value in self._said

    def _compared(self, recorded: Any, live: Any, path: Path) -> Iterator[ValueDifference]:
        if recorded is live or self.scope.ignores(path) or self.scope.varies(path, "any"):
            return
        if recorded is ABSENT or live is ABSENT:
            yield from self._presence(recorded, live, path)
        elif kind(recorded) != kind(live):
            why = f"{kind(recorded)} became {kind(live)}"
            yield ValueDifference(path, "structure", "retyped", json_text(recorded), json_text(live), why)
        elif not self.scope.varies(path, "value"):
            yield from self._same_type(recorded, live, path)

    def _same_type(self, recorded: Any, live: Any, path: Path) -> Iterator[ValueDifference]:
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

    def _presence(self, recorded: Any, live: Any, path: Path) -> Iterator[ValueDifference]:
        if not self.scope.varies(path, "presence"):
            change: Change = "added" if recorded is ABSENT else "removed"
            why = "a field that was not recorded" if recorded is ABSENT else "a recorded field is missing"
            yield ValueDifference(path, "structure", change, json_text(recorded), json_text(live), why)

    def _lists(self, recorded: list[Any], live: list[Any], path: Path) -> Iterator[ValueDifference]:
        for edit in self._aligned(recorded, live, path):
            left = ABSENT if edit.left is None else recorded[edit.left]
            right = ABSENT if edit.right is None else live[edit.right]
            place = (*path, edit.place)
            if edit.what in {"moved", "duplicated"} and not self._may_come_and_go(place):
                yield place_difference(edit, place, left, right)
            if edit.what != "duplicated":
                yield from self.compare(left, right, place)

    def _aligned(self, recorded: list[Any], live: list[Any], path: Path) -> Sequence[Edit]:
        """Returns which items of two lists belong together, by their masked contents."""
        recorded_masker, live_masker = (
            Masker(self.scope, tokens) for tokens in (self.tokens.recorded, self.tokens.live)
        )
        recorded_contents = [recorded_masker.content(item, (*path, i)) for i, item in enumerate(recorded)]
        live_contents = [live_masker.content(item, (*path, i)) for i, item in enumerate(live)]
        optional = self._may_come_and_go((*path, 0))

        def similarity(left: int, right: int) -> float:
            return item_similarity(recorded_contents[left], live_contents[right], optional=optional)

        return edits(list(map(encode, recorded_contents)), list(map(encode, live_contents)), similarity)

    def _may_come_and_go(self, path: Path) -> bool:
        return self.scope.ignores(path) or self.scope.varies(path, "any", "presence")

    def _texts(self, recorded: str, live: str, path: Path) -> Iterator[ValueDifference]:
        name = name_of(path)
        if recorded == live or is_same_secret(name, recorded, live):
            return
        same = self.tokens.same(recorded, live)
        if same is None:
            shape, live_shape = (volatile_shapes.of_text(text, name) for text in (recorded, live))
            if (shape is None or shape != live_shape) and not self._are_ids(recorded, live, name):
                yield from self._other_texts(recorded, live, path, shape, live_shape)
        elif not same:
            yield from self._other_texts(recorded, live, path, "token", None)

    def _are_ids(self, recorded: str, live: str, name: str) -> bool:
        """Tells whether two texts are ids of one kind; from now on they are the same wherever they stand."""
        if fresh_ids.are_padding(recorded, live, name):
            return True
        kind = fresh_ids.kind_of_ids(recorded, live, name, self.tokens.id_kinds)
        if kind is not None:
            self.tokens.equate(recorded, live)
            self.tokens.id_kinds.add(kind)
        return kind is not None

    def _other_texts(
        self, recorded: str, live: str, path: Path, shape: str | None, live_shape: str | None
    ) -> Iterator[ValueDifference]:
        """Yields the difference of two texts that neither their tokens nor their shapes make equal.

        Prose is compared by similarity; other texts differ unless they are equal without their volatile parts.
        """
        recorded_text, _ = self.tokens.recorded.masked(recorded)
        live_text, _ = self.tokens.live.masked(live)
        if self.scope.is_text(path) or (
            text_similarity.is_prose(recorded) and text_similarity.is_prose(live)
        ):
            yield from self._prose(recorded_text, live_text, path, recorded_said=recorded in self._said)
        elif shape == "token" or volatile_shapes.masked(recorded_text) != volatile_shapes.masked(live_text):
            yield changed(path, recorded, live, shape_change(shape, live_shape))

    def _prose(
        self, recorded: str, live: str, path: Path, *, recorded_said: bool
    ) -> Iterator[ValueDifference]:
        needed, found = self.scope.similarity(path), text_similarity.similarity(recorded, live)
        if found < needed:
            why = f"the texts are alike by {found:.0%}, {needed:.0%} is needed"
            yield ValueDifference(
                path, "texts", "changed", *text_similarity.excerpts(recorded, live), why, found
            )
        elif found < 1 and (recorded_said or not self.scope.is_text(path)):
            other = next(contradictions(recorded, live), None)
            if other is not None:
                yield ValueDifference(path, "texts", "changed", other.recorded, other.live, other.why)

    def _numbers(self, recorded: float, live: float, path: Path) -> Iterator[ValueDifference]:
        if is_near(recorded, live, self.scope.rules.tolerance.number):
            return
        if fresh_ids.is_id_name(name_of(path)) and self.tokens.same(str(recorded), str(live)):
            return
        shape, live_shape = (volatile_shapes.of_number(value, name_of(path)) for value in (recorded, live))
        if shape is None or shape != live_shape:
            yield changed(path, recorded, live, shape_change(shape, live_shape))


def is_same_secret(name: str, recorded: str, live: str) -> bool:
    """Tells whether both values are credentials, or both empty; which ones they are does not count."""
    return bool(recorded) == bool(live) and is_secret_value(name, recorded) and is_secret_value(name, live)


def is_near(recorded: float, live: float, tolerance: float) -> bool:
    """Tells whether two numbers are equal, or differ by at most this part (0 to 1) of the larger one."""
    if recorded == live:
        return True
    try:
        return abs(recorded - live) <= tolerance * max(abs(recorded), abs(live))
    except OverflowError:  # an integer beyond every float
        return False


def place_difference(edit: Edit, path: Path, recorded: Any, live: Any) -> ValueDifference:
    """Returns the difference that an item of a list was moved or duplicated."""
    if edit.what == "moved":
        why = f"what was item {edit.left} of the list is item {edit.right} now"
        return ValueDifference(path, "structure", "moved", json_text(recorded), json_text(live), why)
    return ValueDifference(
        path, "structure", "duplicated", "nothing", json_text(live), "the list has this item once more"
    )


def changed(path: Path, recorded: Any, live: Any, why: str) -> ValueDifference:
    """Returns the difference that a place has another value of the same type."""
    return ValueDifference(path, "values", "changed", json_text(recorded), json_text(live), why)


def shape_change(shape: str | None, live_shape: str | None) -> str:
    """Returns in words why two values of these shapes (see `volatile_shapes`) are not equal."""
    if shape == "token":
        return "a token became another one's, or none"
    if shape is None and live_shape is None:
        return "the value is another"
    return f"{shape or 'a plain value'} became {live_shape or 'a plain value'}"


def item_similarity(recorded: Any, live: Any, *, optional: bool = False) -> float:
    """Returns how similar two items of a list are, from 0 to 1, for the alignment of the list.

    Items of one JSON type get 0.4 at least, which is enough to be paired. Two objects with different keys get 0 unless
    they share a field; where items may come and go (`optional`), unless they share most of their fields.
    """
    if kind(recorded) != kind(live):
        return 0.0
    alike = content_similarity(recorded, live)
    if isinstance(recorded, dict) and (
        (optional and alike <= 0.5) or (recorded.keys() != live.keys() and not alike)
    ):
        return 0.0
    return 0.4 + 0.6 * alike


def content_similarity(recorded: Any, live: Any) -> float:
    """Returns the part (0 to 1) of the keys of two objects whose values are equal; 1 or 0 for values of other types."""
    if not isinstance(recorded, dict) or not isinstance(live, dict):
        return 1.0 if recorded == live else 0.0
    equal = sum(1 for key in recorded if key in live and recorded[key] == live[key])
    keys = len(recorded.keys() | live.keys())
    return equal / keys if keys else 0.0
