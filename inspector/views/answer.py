"""What a chatbot answered in an exchange, with the moments of the response that say it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from cassettes.answers.answer import Answer, Citation, PieceKind
from cassettes.answers.answer_reading import FIRST_FAILURE, AnswerReading, items_of_body
from cassettes.answers.builder import StreamItem
from cassettes.answers.digging import decoded
from cassettes.views.timeline import HEARTBEATS
from foundation.time_slices import in_slices
from foundation.web.parameters import Parameters
from inspector.workspace.response_timeline import ResponseTimeline
from inspector.workspace.workspace import Workspace

LARGEST_BODY = 4 << 20
"""Bytes of a body that is no stream; of a longer one no answer is shown."""

MOST_PIECES = 20_000
MOST_TEXT = 1 << 20
"""Characters in all pieces that are shown; what follows is left out."""


class ShownPiece(msgspec.Struct, frozen=True, kw_only=True):
    """What one event adds, `at` microseconds after the whole request; `moment` is its number, None for a body."""

    kind: PieceKind
    text: str
    moment: int | None
    at: int


class ShownCall(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call; `arguments` is a JSON text, or what came where that is none."""

    name: str
    arguments: str


class ShownAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. Its text and its reasoning are those of its pieces; `truncated` says that some are left out."""

    protocol: str
    model: str
    finish_reason: str
    error: str
    ended: bool
    tool_calls: list[ShownCall]
    citations: list[Citation]
    usage: dict[str, int]
    pieces: list[ShownPiece]
    truncated: bool


class AnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of an exchange as far as it came, None where nothing was answered, or cannot be read."""

    answer: ShownAnswer | None


async def answer(workspace: Workspace, _parameters: Parameters, id_: str) -> AnswerView:
    """The answer of an exchange; raises Missing, CassetteError."""
    file, number = workspace.find(id_)
    timeline = await workspace.timeline(file, number)
    if timeline.response is None or timeline.response.status >= FIRST_FAILURE:
        return AnswerView(answer=None)
    is_stream = file.facts(number).stream
    reading = AnswerReading(guesses=is_stream or timeline.request.method == "POST")
    await in_slices(fed(reading, timeline, is_stream=is_stream), workspace.timers)
    found = reading.answer()
    said = found is not None and found.says_something
    return AnswerView(answer=shown(found, timeline.request.at) if found is not None and said else None)


def fed(reading: AnswerReading, timeline: ResponseTimeline, *, is_stream: bool) -> Iterator[None]:
    """Feed a reading the events of a response, or its body, with a `yield` behind each."""
    began = timeline.request.at
    if not is_stream:
        body = b"".join(span.data for span in timeline.spans(0)) if timeline.size <= LARGEST_BODY else b""
        for item in items_of_body(body, began if timeline.end is None else timeline.end.at):
            reading.feed(item)
            yield
        return
    for moment in timeline.read(0):
        if moment.what == "event" and moment.dispatched and moment.name not in HEARTBEATS:
            value: Any = decoded(moment.data)
            reading.feed(StreamItem(moment.n, began + moment.at, moment.name, moment.data, value))
        yield


def shown(found: Answer, began: int) -> ShownAnswer:
    """An answer as the page shows it; `began` is the time of the whole request."""
    pieces: list[ShownPiece] = []
    left = MOST_TEXT
    for piece in found.pieces[:MOST_PIECES]:
        if left <= 0:
            break
        pieces.append(
            ShownPiece(kind=piece.kind, text=piece.text[:left], moment=piece.event, at=piece.at - began)
        )
        left -= len(piece.text)
    return ShownAnswer(
        protocol=found.protocol,
        model=found.model,
        finish_reason=found.finish_reason,
        error=found.error,
        ended=found.ended,
        tool_calls=[
            ShownCall(name=call.name, arguments=arguments_text(call.arguments)) for call in found.tool_calls
        ],
        citations=list(found.citations),
        usage=dict(found.usage),
        pieces=pieces,
        truncated=left <= 0 or len(found.pieces) > MOST_PIECES,
    )


def arguments_text(arguments: Any) -> str:
    """The arguments of a tool call as a text; none are an empty one."""
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return json.dumps(arguments, ensure_ascii=False)
