"""What a chatbot answered, free of how its protocol says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

type PieceKind = Literal["text", "reasoning", "tool"]

NO_USAGE: Mapping[str, int] = {}


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """What one event adds to the text, to the reasoning, or to the arguments of a tool call.

    `event` is the place of the event in the stream, counted from 0, None for a body that is no stream. `at` is its
    time in microseconds, on the clock of the recording.
    """

    kind: PieceKind
    text: str
    event: int | None
    at: int


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that the model calls; `arguments` is JSON, or the text that came where that is no JSON."""

    name: str
    arguments: Any = None
    id: str = ""


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """A source that the answer names, as far as it says so; every text in it is untrusted."""

    title: str = ""
    url: str = ""
    text: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. `protocol` names the reader that read it.

    `usage` has `input_tokens`, `output_tokens`, `total_tokens` and the like. `ended` says that the event came which is
    the last one by the protocol, so that nothing is missing whoever closed the connection. Of several answers to one
    request (`n` in OpenAI's API) the texts are joined by an empty line.
    """

    protocol: str
    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    citations: tuple[Citation, ...] = ()
    usage: Mapping[str, int] = NO_USAGE
    finish_reason: str = ""
    model: str = ""
    error: str = ""
    ended: bool = False
    pieces: tuple[Piece, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is anything that a person would read as an answer."""
        return bool(self.text or self.reasoning or self.tool_calls or self.error)
