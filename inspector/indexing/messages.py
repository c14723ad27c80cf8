"""Messages between the inspector and the process that indexes cassettes for it, as length-prefixed MessagePack.

The inspector sends OpenCassette, ReadGrowth, CloseCassette, SearchText and ForgetText. The process answers with
FactsFound and GroupsFound as it reads, and with CaughtUp when it has read all that there is, or with IndexingFailed; it
answers a search with TextFound.
"""

from __future__ import annotations

from typing import IO

import msgspec

from foundation.digests import Digest
from foundation.processes import receive_frame, send_frame
from inspector.indexing.exchange_facts import Facts
from inspector.indexing.text_search import TextTerm


class IndexingMessage(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """One message about a cassette; `key` is the number by which both processes know the cassette."""

    key: int


class OpenCassette(IndexingMessage, frozen=True):
    """The process is to index the cassette at a path from its beginning."""

    path: str


class ReadGrowth(IndexingMessage, frozen=True):
    """The cassette may have grown: the process is to index what was appended."""


class CloseCassette(IndexingMessage, frozen=True):
    """The process is to close the cassette and send nothing more about it."""


class SearchText(IndexingMessage, frozen=True):
    """The process is to search all exchanges for a text, and those that grow from then on."""

    term: TextTerm


class ForgetText(IndexingMessage, frozen=True):
    """The process is to search for a text no longer."""

    term: TextTerm


class TextFound(IndexingMessage, frozen=True):
    """More exchanges that have a text; the first `searched` ones are searched by now."""

    term: TextTerm
    found: list[int]
    searched: int


class FactsFound(IndexingMessage, frozen=True):
    """The facts of exchanges by their numbers. New exchanges come in their order, without a gap."""

    rows: list[tuple[int, Facts]]


class GroupsFound(IndexingMessage, frozen=True):
    """The session and the job of each exchange, as arrays of native 32-bit integers, one for each exchange.

    `sessions` holds the number of the first exchange of the session. `jobs` holds the number of the first exchange of
    the job plus one, and 0 for an exchange of no job. `public` holds the digests of values that belong to no session.
    """

    sessions: bytes
    jobs: bytes
    public: list[Digest]


class CaughtUp(IndexingMessage, frozen=True):
    """Facts were sent for the first `facts_bytes` bytes of the cassette, and groups for the first `groups_bytes`."""

    facts_bytes: int
    groups_bytes: int


class IndexingFailed(IndexingMessage, frozen=True):
    """The cassette cannot be read any further; `reason` is one line. No message about it follows."""

    reason: str


type ToIndexer = OpenCassette | ReadGrowth | CloseCassette | SearchText | ForgetText
type FromIndexer = FactsFound | GroupsFound | CaughtUp | IndexingFailed | TextFound
type AnyIndexingMessage = ToIndexer | FromIndexer

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AnyIndexingMessage).decode


def send(pipe: IO[bytes], message: AnyIndexingMessage) -> None:
    """Write a message; raises OSError when the other process has ended."""
    send_frame(pipe, _encode(message))


def receive(pipe: IO[bytes]) -> AnyIndexingMessage | None:
    """Read the next message; None when the other process has ended, also in the middle of a message."""
    data = receive_frame(pipe)
    return None if data is None else _decode(data)
