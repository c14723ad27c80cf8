"""What the proxy's process and the writer's say to each other: length-prefixed messages on a pipe."""

from __future__ import annotations

from typing import IO

import msgspec

from cassettes.model import RecordingExchange
from cassettes.views.summary import Summary
from foundation.processes import receive_frame, send_frame
from recorder.assembly import AnyEvent


class WriterMessage(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """One message."""


class Setup(WriterMessage, frozen=True):
    """To the writer, first: the file, by its inherited descriptor, and how to write it.

    `rules` are the redaction's further ones, None turns it off, and `secrets` values that it knows beforehand; `shows`
    asks for what to show a person.
    """

    path: str
    descriptor: int
    rules: list[str] | None
    shows: bool
    secrets: list[str] = []

    def __repr__(self) -> str:
        return f"Setup({self.path!r})"  # a traceback must not tell the secrets


class Batch(WriterMessage, frozen=True):
    """To the writer: events, each with its exchange, and the time when they were sent."""

    at: int
    events: list[tuple[RecordingExchange, AnyEvent]]


class FinishWriting(WriterMessage, frozen=True):
    """To the writer, last: the time, and a remark on why the recording ends before the traffic."""

    at: int
    remark: str = ""


class ReportLine(WriterMessage, frozen=True):
    """To the proxy: a line for a person."""

    line: str


class UpdatedSummaries(WriterMessage, frozen=True):
    """To the proxy: exchanges that went on."""

    summaries: list[Summary]


class WriterStatus(WriterMessage, frozen=True):
    """To the proxy, after each batch: the cassette's size, the exchanges in it, and what was lost so far."""

    size: int
    exchanges: int
    lost_records: int
    lost_bytes: int
    last: bool = False


type AnyMessage = Setup | Batch | FinishWriting | ReportLine | UpdatedSummaries | WriterStatus

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AnyMessage).decode


def send(pipe: IO[bytes], message: AnyMessage) -> None:
    """Write a message; raises OSError when the other side is gone."""
    send_frame(pipe, _encode(message))


def receive(pipe: IO[bytes]) -> AnyMessage | None:
    """The next message; None when the other side is gone, also in the middle of one."""
    data = receive_frame(pipe)
    return None if data is None else _decode(data)
