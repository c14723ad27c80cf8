"""Chatbots that no other reader knows: the field whose values, joined over the events of one kind, make a text.

A field is told by its event's type, by what the event says of its own kind, and by its place. Of these events

    {"kind": "step", "note": "Reading"}    the field /note of "step" has one value
    {"kind": "word", "t": "Revenue "}      the field /t of "word" has "Revenue ", "grew " and "by 12 %."
    {"kind": "word", "t": "grew "}         which make a text: it is the answer
    {"kind": "word", "t": "by 12 %."}

Values that are sentences themselves are a log and not the pieces of an answer. Where each value begins with the one
before it, the last one is the text. A body that is no stream has an answer if a field with a usual name holds prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem

FEWEST_PIECES = 3
FEWEST_WORDS = 2
FEWEST_WORDS_OF_A_BODY = 5
MOST_FIELDS = 200
"""Fields that are followed at once; of further ones nothing is known."""

MOST_VALUES = 100_000
DEEPEST = 6

KINDS = ("type", "event", "kind", "object", "status")
"""Keys under which an event says what it is, where its framing does not."""

USUAL = re.compile(
    r"(?i)(?:answer|content|text|delta|token|response|message|output|chunk|reply|completion|generated_text|t|c|v)"
)
USUAL_OF_A_BODY = re.compile(r"(?i)(?:answer|content|text|response|message|output|reply|completion|result)")
SENTENCE = re.compile(r"\s*[A-ZÀ-Þ][^\n]*\s[^\n]*[.!?…]\s*|\s*[A-ZÀ-Þ]\w*(?:\s\S+){3,}\s*", re.DOTALL)
SPACE = re.compile(r"\s")
WITHOUT_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]{4}")
"""Japanese, Chinese and Thai, which have no spaces between words."""

IDENTIFIER = re.compile(r"[\w.:/+=-]*\d[\w.:/+=-]*")

type Field = tuple[str, str, tuple[str, ...]]
"""The event's type, what it says it is, and the keys that lead to the value."""


class Value(NamedTuple):
    """One value of a field, and the event that has it."""

    item: StreamItem
    text: str


class UnknownChatbot(AnswerReader):
    """Gathers all fields while the events are read, and finds the answer among them at the end."""

    protocol = "unknown"

    def __init__(self) -> None:
        self._fields: dict[Field, list[Value]] = {}
        self._values = 0

    def recognises(self, item: StreamItem) -> bool:
        """Return whether there may be a text in it; `close` decides."""
        return item.value is not None or item.event is not None

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Remember the texts of an event."""
        kind = "" if not isinstance(item.value, dict) else kind_of(item.value)
        for path, text in texts(item.data if item.value is None else item.value):
            field = item.type, kind, path
            if self._values < MOST_VALUES and (field in self._fields or len(self._fields) < MOST_FIELDS):
                self._fields.setdefault(field, []).append(Value(item, text))
                self._values += 1

    def close(self, builder: AnswerBuilder) -> None:
        """Add the values of the field that makes the best text."""
        found = max(self._fields.items(), key=lambda one: score(*one), default=None)
        if found is None or score(*found) <= 0:
            return
        _, values = found
        repeats = is_cumulative([value.text for value in values])
        for value in values:
            builder.item = value.item
            if repeats:
                builder.reach_text(value.text)
            else:
                builder.add_text(value.text)


def kind_of(value: dict[str, Any]) -> str:
    """Return what an event says that it is, "" when it does not say."""
    return next((value[key] for key in KINDS if isinstance(value.get(key), str)), "")


def texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every string in a JSON value with the keys that lead to it; an index is "*"."""
    if isinstance(value, str):
        yield path, value
    elif len(path) < DEEPEST and isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif len(path) < DEEPEST and isinstance(value, list):
        for item in value:
            yield from texts(item, (*path, "*"))


def score(field: Field, values: list[Value]) -> float:
    """Return how good a text the values of a field make, 0 or less where they make none."""
    kind, _, path = field
    pieces = [value.text for value in values]
    name = path[-1] if path else ""
    if kind == "body":
        usual = USUAL_OF_A_BODY.fullmatch(name) is not None
        return len(pieces[0]) if usual and len(pieces[0].split()) >= FEWEST_WORDS_OF_A_BODY else 0
    whole = pieces[-1] if is_cumulative(pieces) else "".join(pieces)
    if len(set(pieces)) < min(FEWEST_PIECES, len(pieces)) or len(pieces) < FEWEST_PIECES:
        return 0
    if (len(whole.split()) < FEWEST_WORDS and not WITHOUT_SPACES.search(whole)) or IDENTIFIER.fullmatch(
        whole
    ):
        return 0
    if not is_cumulative(pieces) and (are_sentences(pieces) or are_apart(pieces)):
        return 0
    if not path and any(piece.lstrip().startswith(("{", "<")) for piece in pieces):
        return 0
    return len(whole) * (2 if not path or USUAL.fullmatch(name) else 1)


def is_cumulative(pieces: list[str]) -> bool:
    """Return whether each piece begins with the one before it, and they grow."""
    return (
        len(pieces) > 1
        and len(pieces[0]) < len(pieces[-1])
        and all(after.startswith(before) for before, after in pairwise(pieces))
    )


def are_apart(pieces: list[str]) -> bool:
    """Return whether the pieces are words of their own: they have spaces inside, and none where they meet.

    are_apart(["event 1", "event 2", "event 3"])    True
    are_apart(["Rev", "enue grew", " by 12 %"])     False
    """
    inside = sum(1 for piece in pieces if SPACE.search(piece.strip()))
    meeting = any(before[-1:].isspace() or after[:1].isspace() for before, after in pairwise(pieces))
    return 2 * inside >= len(pieces) and not meeting


def are_sentences(pieces: list[str]) -> bool:
    """Return whether at least half of the pieces are sentences or phrases of their own, as the lines of a log are."""
    return 2 * sum(1 for piece in pieces if SENTENCE.fullmatch(piece)) >= len(pieces)
