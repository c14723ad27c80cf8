"""What the inspector and the process that sums up cassettes for it say to each other: length-prefixed messages."""

from __future__ import annotations

from typing import IO

import msgspec

from foundation.digests import Digest
from foundation.processes import receive_frame, send_frame
from inspector.indexing.exchange_facts import Facts


class IndexingMessage(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """One message."""


class Open(IndexingMessage, frozen=True):
    """To the process: a cassette to sum up, by the key that all messages about it have."""

    key: int
    path: str


class Look(IndexingMessage, frozen=True):
    """To the process: the cassette may have grown."""

    key: int


class Close(IndexingMessage, frozen=True):
    """To the process: the cassette is of no interest any more."""

    key: int


class FactsFound(IndexingMessage, frozen=True):
    """To the inspector: the facts of exchanges, by their numbers; those without a gap, in order, when new."""

    key: int
    rows: list[tuple[int, Facts]]


class Tied(IndexingMessage, frozen=True):
    """To the inspector: what belongs together, by exchange, in native 32-bit integers.

    `leaders` has the first exchange of each one's session; `jobs` that of its job, plus one, 0 where it has none.
    `public` has the digests of the values that are no session's own.
    """

    key: int
    leaders: bytes
    jobs: bytes
    public: list[Digest]


class Done(IndexingMessage, frozen=True):
    """To the inspector: all was told up to these bytes of the cassette, and what belongs together up to those."""

    key: int
    summed: int
    tied: int


class Failed(IndexingMessage, frozen=True):
    """To the inspector: why the cassette cannot be read any further, on one line; nothing more comes about it."""

    key: int
    line: str


type Asked = Open | Look | Close
type Told = FactsFound | Tied | Done | Failed
type AnyMessage = Asked | Told

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AnyMessage).decode


def send(pipe: IO[bytes], message: AnyMessage) -> None:
    """Write a message; raises OSError when the other side is gone."""
    send_frame(pipe, _encode(message))


def receive(pipe: IO[bytes]) -> AnyMessage | None:
    """The next message; None when the other side is gone, also in the middle of one."""
    data = receive_frame(pipe)
    return None if data is None else _decode(data)
