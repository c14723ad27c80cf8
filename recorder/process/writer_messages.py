"""The messages between the proxy's process and the writer's: msgpack, length-prefixed, on pipes."""

from __future__ import annotations

from typing import IO

import msgspec

from cassettes.model import RecordingExchange
from cassettes.views.summary import Summary
from foundation.processes import receive_frame, send_frame
from recorder.assembly import AnyEvent


class WriterMessage(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """The base of all messages."""


class Setup(WriterMessage, frozen=True):
    """The first message to the writer: which file to write, and how.

    `descriptor` is the inherited descriptor of the file, `path` its name in messages, `header` the line that began the
    recording. `rules` are added to the built-in redaction, `keep` are what they and it spare, and None as `rules` turns
    redaction off; `secrets` are values to redact wherever they occur. With `shows`, the writer sends summaries of the
    exchanges that changed; with `sums_up`, it reports at the end what was replaced.
    """

    path: str
    descriptor: int
    header: bytes
    rules: list[str] | None
    shows: bool
    secrets: list[str] = []
    keep: list[str] = []
    sums_up: bool = True

    def __repr__(self) -> str:
        return f"Setup({self.path!r})"  # a traceback must not contain the secrets


class Batch(WriterMessage, frozen=True):
    """To the writer: events, each with its exchange, and the time when they were sent, in microseconds."""

    at: int
    events: list[tuple[RecordingExchange, AnyEvent]]


class FinishWriting(WriterMessage, frozen=True):
    """The last message to the writer; `remark` says why the recording ends before the traffic, if it does."""

    at: int
    remark: str = ""


class ReportLine(WriterMessage, frozen=True):
    """To the proxy: a line for a person."""

    line: str


class UpdatedSummaries(WriterMessage, frozen=True):
    """To the proxy: summaries of the exchanges that changed."""

    summaries: list[Summary]


class WriterStatus(WriterMessage, frozen=True):
    """To the proxy, after each batch: the cassette's size in bytes, its exchanges, and what is missing from it.

    `path` is where the file is, empty when no path leads to it any more.
    """

    size: int
    exchanges: int
    lost_records: int
    lost_bytes: int
    path: str
    last: bool = False


type AnyMessage = Setup | Batch | FinishWriting | ReportLine | UpdatedSummaries | WriterStatus

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AnyMessage).decode


def send(pipe: IO[bytes], message: AnyMessage) -> None:
    """Write a message; raises OSError when the other process has closed the pipe."""
    send_frame(pipe, _encode(message))


def receive(pipe: IO[bytes]) -> AnyMessage | None:
    """Read the next message; returns None when the pipe ends, even within a message."""
    data = receive_frame(pipe)
    return None if data is None else _decode(data)
