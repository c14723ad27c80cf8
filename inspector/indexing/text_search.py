"""The search for a text in all of an exchange: its url, its headers, its bodies, its events and its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

import msgspec

from cassettes import model
from cassettes.answers.answer import Answer
from cassettes.answers.answer_reading import answer_of
from cassettes.file.reader import Cassette
from inspector.indexing.bounded_exchange import exchange_within

type TextPlace = Literal["anywhere", "header", "body", "answer"]


class TextTerm(msgspec.Struct, frozen=True):
    """A text in lower case, and where in an exchange it is looked for."""

    place: TextPlace
    text: str


class TextSearch:
    """The search for one text in a cassette: how many exchanges are searched, and which of them were found anew.

    No more is searched of a body than `exchange_within` reads of it.
    """

    def __init__(self, term: TextTerm) -> None:
        self.term = term
        self.searched = 0
        self._found: set[int] = set()
        self._new: list[int] = []
        self._needles = needles(term.text)

    def step(self, cassette: Cassette) -> bool:
        """Search the next exchange; returns whether there was one."""
        if self.searched >= len(cassette):
            return False
        self.look(cassette, self.searched)
        self.searched += 1
        return True

    def look(self, cassette: Cassette, number: int) -> None:
        """Search one exchange, which may have grown since it was searched before; raises CassetteError."""
        if number not in self._found and self.matches(exchange_within(cassette, number)):
            self._found.add(number)
            self._new.append(number)

    def matches(self, exchange: model.Exchange) -> bool:
        """Whether the text is in an exchange."""
        return any(needle in text for text in texts(exchange, self.term.place) for needle in self._needles)

    def take(self) -> list[int]:
        """The exchanges that were found since the last time."""
        found, self._new = self._new, []
        return found


def needles(text: str) -> list[str]:
    r"""A text as it is, and as JSON may write it.

    >>> needles('say "h\xe9"')
    ['say "h\xe9"', 'say \\"h\\u00e9\\"', 'say \\"h\xe9\\"']
    """
    escaped = (json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    return list(dict.fromkeys([text, *escaped]))


def texts(exchange: model.Exchange, place: TextPlace) -> Iterator[str]:
    """The texts of an exchange that are searched, in lower case; the costly ones come last."""
    request, response = exchange.request, exchange.response
    if place == "anywhere":
        yield f"{request.method} {request.url}".lower()
    if place in {"anywhere", "header"}:
        heads = [request.headers, () if response is None else response.headers]
        yield "\n".join(f"{name}: {value}" for headers in heads for name, value in headers).lower()
    if place in {"anywhere", "body"}:
        yield request.body.decode("utf-8", "replace").lower()
        yield b"".join(chunk.data for chunk in exchange.chunks).decode("utf-8", "replace").lower()
    if place in {"anywhere", "answer"} and (answer := answer_of(exchange)) is not None:
        yield answer_text(answer).lower()


def answer_text(answer: Answer) -> str:
    """All that an answer says: its text, its reasoning, its tool calls, its sources and its error."""
    arguments = (call.arguments for call in answer.tool_calls)
    said = (one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in arguments)
    calls = (f"{call.name} {text}" for call, text in zip(answer.tool_calls, said, strict=True))
    sources = (f"{one.title} {one.url} {one.text}" for one in answer.citations)
    return "\n".join([answer.text, answer.reasoning, answer.error, *calls, *sources])
