"""A large recorded answer whose body lies in a file, which all its clients read piece by piece.

What a client has of its own, its tokens, is filled into the pieces as they are read; it has the recorded length:

    file          {"job_id": "job-77f3", ...    a token from 12 to 20
    read(10, 16)  b'"job-9' for a client whose own token is job-91ab
"""

from __future__ import annotations

import os
import weakref
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from cassettes.tokens.finder import SPELLINGS
from replayer.http1.encoder import After, Client, Framer
from replayer.large.worker_messages import AnswerUnpacked
from replayer.schedule.actions import Action, Data, Head

LONGEST_READ = 64 << 10
"""Bytes that are read from the file at once, which is what a client costs in memory."""


class UnpackedAnswer:
    """An answer as it is for all clients that ask the same origin.

    `times` has when each chunk is due, in microseconds after the request, `ends` where it ends in the file. The file,
    open with `descriptor`, is closed when the last client has gone.
    """

    def __init__(self, unpacked: AnswerUnpacked, descriptor: int) -> None:
        self.requested_at = unpacked.requested_at
        self.head = unpacked.head
        self.finish = unpacked.finish
        self.times = read_array("q", unpacked.times)
        self.ends = read_array("Q", unpacked.ends)
        self.size = self.ends[-1] if self.ends else 0
        self.tokens = unpacked.tokens
        self._starts = read_array("Q", unpacked.token_starts)
        self._stops = read_array("Q", unpacked.token_stops)
        self._values = read_array("I", unpacked.token_values)
        self._spellings = unpacked.token_spellings
        self._descriptor = descriptor
        weakref.finalize(self, os.close, descriptor)

    def read(self, start: int, stop: int, own: Callable[[str], str]) -> bytes:
        """Read a piece of the body, with `own` of each token in its place."""
        data = os.pread(self._descriptor, stop - start, start)
        first, last = bisect_right(self._stops, start), bisect_left(self._starts, stop)
        if first == last:
            return data
        filled = bytearray(data)
        for place in range(first, last):
            text = SPELLINGS[self._spellings[place]](own(self.tokens[self._values[place]])).encode()
            begin, end = self._starts[place], self._stops[place]
            within = text[max(0, start - begin) : len(text) - max(0, end - stop)]
            filled[max(0, begin - start) : max(0, begin - start) + len(within)] = within
        return bytes(filled)


class LargeScript:
    """The answer for one client: what a `Script` is for a small one, but its bytes are made while they are played.

    `own` returns the client's own value of a recorded token. Without a `head` the connection ends without a response.
    """

    def __init__(
        self,
        answer: UnpackedAnswer,
        head: Head | None,
        method: str,
        client: Client,
        own: Callable[[str], str],
    ) -> None:
        self._answer = answer
        self._head = head
        self._method = method
        self._client = client
        self._own = own
        self.status = head.status if head else None

    @property
    def size(self) -> int:
        """The bytes of the body."""
        return self._answer.size

    def actions(self) -> Iterator[Action]:
        """Yield the answer as actions, its chunks in pieces of at most LONGEST_READ."""
        if self._head is not None:
            yield self._head
        begin = 0
        for at, end in zip(self._answer.times, self._answer.ends, strict=True):
            for start in range(begin, end, LONGEST_READ):
                yield Data(at, self._answer.read(start, min(end, start + LONGEST_READ), self._own))
            begin = end
        yield self._answer.finish

    def begin(self) -> LargeCursor:
        """Return a cursor at the beginning of the script."""
        framer = Framer(self._method, self._client, self._answer.size)
        return LargeCursor(self._answer, self._head, framer, self._own)


class LargeCursor:
    """A place in a large script, for one connection that it is played on."""

    def __init__(
        self, answer: UnpackedAnswer, head: Head | None, framer: Framer, own: Callable[[str], str]
    ) -> None:
        self._answer = answer
        self._head = head
        self._framer = framer
        self._own = own
        self._chunk = 0  # the chunk that is being sent
        self._at = 0  # the place in the file
        self._tail: bytes | None = None  # what is written at the end; None as long as it is not known
        self._last_byte = 0  # when the last bytes were due

    @property
    def after(self) -> After:
        """What happens to the connection after the response."""
        return self._framer.after

    @property
    def ends(self) -> int:
        """When the response ends; one that keeps the connection ends with its last byte."""
        return self._last_byte if self.after == "keep" else self._answer.finish.at

    def next_at(self) -> int | None:
        """Return when the next bytes are due; None when there are no more."""
        if self._head is not None:
            return self._head.at
        if self._chunk < len(self._answer.times):
            return self._answer.times[self._chunk]
        if self._tail is None:
            self._tail = self._framer.feed(self._answer.finish)
        return self._answer.finish.at if self._tail else None

    def due(self, now: int, most: int) -> bytes:
        """Return bytes that are due by now, about `most` of them; empty when none are."""
        pieces: list[bytes] = []
        size = 0
        while size < most:
            at = self.next_at()
            if at is None or at > now:
                break
            piece = self._next_piece()
            if piece:
                self._last_byte = at
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)

    def _next_piece(self) -> bytes:
        if self._head is not None:
            head, self._head = self._head, None
            return self._framer.feed(head)
        if self._chunk < len(self._answer.times):
            return self._piece_of_chunk()
        tail, self._tail = self._tail, b""
        return tail or b""

    def _piece_of_chunk(self) -> bytes:
        ends = self._answer.ends
        begin, end = ends[self._chunk - 1] if self._chunk else 0, ends[self._chunk]
        framing = self._framer.surround(end - begin)
        if framing is None:  # the response has no body
            self._at, self._chunk = end, self._chunk + 1
            return b""
        before, behind = framing
        start, stop = self._at, min(end, self._at + LONGEST_READ)
        data = self._answer.read(start, stop, self._own)
        self._at = stop
        if stop == end:
            self._framer.count(end - begin)
            self._chunk += 1
        return (before if start == begin else b"") + data + (behind if stop == end else b"")


def read_array(kind: str, data: bytes) -> array[int]:
    """Return the numbers of this kind that are in some bytes."""
    numbers = array(kind)
    numbers.frombytes(data)
    return numbers
