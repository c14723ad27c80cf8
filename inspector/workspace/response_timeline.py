"""The course of an answer: its head, its events, its chunks and its end, in pages, however long it is.

It is gone through once, in short steps, and what is needed to go on from every few hundredth moment is kept; a page is
read from the nearest of these places.
"""

from __future__ import annotations

import copy
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from cassettes import model, sse
from cassettes.file.reader import Cassette
from cassettes.model import AnyRecord
from cassettes.views.timeline import EVENT_STREAM
from foundation.http.headers import media_type
from inspector.workspace.content import text_of

EVERY = 256
"""Moments or chunks between two places that a page can be read from."""

LONGEST_DATA = 8 << 10
"""Characters of a moment's data in a page."""

LONGEST_CHUNK = 64 << 10
"""Bytes of a chunk in a page."""

LARGEST_PAGE = 4 << 20
"""Bytes of the data in a page; where it would have more, the page ends before its limit."""

MOST_LOSSES = 100
"""Losses of an exchange that are told."""

type What = Literal["head", "event", "chunk", "end"]


class ShownMoment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened `at` microseconds after the whole request, `gap` after the moment before.

    `name` is the status, the event's type, or how it ended; `chunks` are the first and the last chunk that it came in.
    """

    n: int
    at: int
    gap: int
    what: What
    name: str
    size: int = 0
    data: str = ""
    truncated: bool = False
    id: str = ""
    retry: int | None = None
    dispatched: bool = True
    comments: tuple[str, ...] = ()
    chunks: tuple[int, int] | None = None


class ChunkSpan(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk as it arrived: `offset` is where it begins in the body."""

    n: int
    at: int
    offset: int
    data: bytes


class Walk:
    """Goes through the records of an answer; a copy goes on from the same place."""

    def __init__(self, began: int) -> None:
        self._began = self._before = began
        self._decoder: sse.Decoder | None = None
        self._block = self._block_offset = 0  # the chunk in which the block under way began, and where
        self.record = 0
        self.moments = 0
        self.chunks = 0
        self.offset = 0
        self.ended = False

    def copy(self) -> Walk:
        """Another one at the same place."""
        return copy.deepcopy(self)

    def step(self, record: AnyRecord) -> tuple[list[ShownMoment], ChunkSpan | None]:
        """Take the next record: the moments that it makes, and the chunk that it is."""
        self.record += 1
        match record:
            case model.Response():
                if media_type(record.headers) == EVENT_STREAM:
                    self._decoder = sse.Decoder()
                return [self._moment(record.at, "head", f"{record.status} {record.reason}".strip())], None
            case model.Chunk():
                return self._chunk(record)
            case model.End():
                self.ended = True
                cut = self._decoder.close(record.at) if self._decoder else None
                last = [] if cut is None else [self._event(cut, self.chunks - 1)]
                return [*last, self._moment(record.at, "end", record.how, record.message)], None
            case _:
                return [], None

    def _chunk(self, chunk: model.Chunk) -> tuple[list[ShownMoment], ChunkSpan]:
        number, data = self.chunks, chunk.data
        piece = ChunkSpan(n=number, at=chunk.at - self._began, offset=self.offset, data=data)
        self.chunks += 1
        self.offset += len(data)
        if self._decoder is None:
            text = data.decode("utf-8", "replace")
            name = f"{len(data)} bytes"
            return [
                self._moment(chunk.at, "chunk", name, text, size=len(data), chunks=(number, number))
            ], piece
        if not self._decoder.under_way:
            self._begin_block(number, piece.offset)
        moments = []
        for event in self._decoder.feed(data, chunk.at):
            moments.append(self._event(event, number))
            self._begin_block(number, piece.offset)
        return moments, piece

    @property
    def held(self) -> int:
        """Bytes that a copy has to hold, at most."""
        return self.offset - self._block_offset if self._decoder and self._decoder.under_way else 0

    def _begin_block(self, chunk: int, offset: int) -> None:
        self._block, self._block_offset = chunk, offset

    def _event(self, event: sse.Event, last: int) -> ShownMoment:
        return self._moment(
            event.at,
            "event",
            event.type,
            event.data,
            id=event.id,
            retry=event.retry,
            dispatched=event.dispatched,
            comments=event.comments,
            chunks=(self._block, last),
        )

    def _moment(
        self, at: int, what: What, name: str, data: str = "", size: int | None = None, **more: Any
    ) -> ShownMoment:
        number, gap = self.moments, at - self._before
        self.moments, self._before = number + 1, at
        size = len(data.encode("utf-8", "surrogatepass")) if size is None else size
        return ShownMoment(
            n=number, at=at - self._began, gap=gap, what=what, name=name, data=data, size=size, **more
        )


class ResponseTimeline:
    """The course of one exchange's answer, as far as it has been gone through: see `go_on`.

    `request`, `response`, `end` and `losses` are records; the latter ones as far as they have come.
    """

    def __init__(self, cassette: Cassette, number: int) -> None:
        self._cassette = cassette
        self._number = number
        self._request, *_ = cassette.marks(number)
        self._marks = array("I")
        self.request = cassette.request(number)
        self.response: model.Response | None = None
        self.end: model.End | None = None
        self.losses: list[model.Loss] = []
        self._walk = Walk(self.request.at)
        self._places = [self._walk.copy()]

    @property
    def moments(self) -> int:
        """How many moments there are."""
        return self._walk.moments

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return self._walk.chunks

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        return self._walk.offset

    @property
    def ended(self) -> bool:
        """Whether the end is there."""
        return self._walk.ended

    def go_on(self) -> Iterator[None]:
        """Go through what is new, a record at a time."""
        walk = self._walk
        latest = self._marks[-1] if self._marks else self._request
        self._marks += self._cassette.marks(self._number, after=latest)
        while walk.record < len(self._marks):
            record = self._cassette.record(self._marks[walk.record])
            self._keep(record)
            walk.step(record)
            last = self._places[-1]
            is_far = walk.moments - last.moments >= EVERY or walk.chunks - last.chunks >= EVERY
            if is_far and walk.held <= LONGEST_CHUNK:
                self._places.append(walk.copy())
            yield

    def _keep(self, record: AnyRecord) -> None:
        match record:
            case model.Response():
                self.response = record
            case model.End():
                self.end = record
            case model.Loss() if len(self.losses) < MOST_LOSSES:
                self.losses.append(record)
            case _:
                pass

    def page(self, since: int, limit: int) -> list[ShownMoment]:
        """Moments from one on, each with the beginning of its data."""
        found: list[ShownMoment] = []
        size = 0
        for moment in self.read(since):
            short = shortened(moment)
            size += len(short.data)
            if len(found) == limit or (found and size > LARGEST_PAGE):
                break
            found.append(short)
        return found

    def read(self, since: int) -> Iterator[ShownMoment]:
        """All moments from one on, whole."""
        place = bisect_right(self._places, since, key=lambda walk: walk.moments) - 1
        for moments, _ in self._from(place):
            yield from (moment for moment in moments if moment.n >= since)

    def pieces(self, since: int) -> Iterator[ChunkSpan]:
        """All chunks from one on, whole."""
        place = bisect_right(self._places, since, key=lambda walk: walk.chunks) - 1
        for _, piece in self._from(place):
            if piece is not None and piece.n >= since:
                yield piece

    def _from(self, place: int) -> Iterator[tuple[list[ShownMoment], ChunkSpan | None]]:
        walk = self._places[place].copy()
        while walk.record < self._walk.record:
            yield walk.step(self._cassette.record(self._marks[walk.record]))


def shortened(moment: ShownMoment) -> ShownMoment:
    """The moment with the beginning of its data, its id and its comments."""
    comments = tuple(comment[:LONGEST_DATA] for comment in moment.comments[:20])
    return msgspec.structs.replace(
        moment,
        name=moment.name[:200],
        data=moment.data[:LONGEST_DATA],
        truncated=len(moment.data) > LONGEST_DATA,
        id=moment.id[:200],
        comments=comments,
    )


class ShownChunk(msgspec.Struct, frozen=True, kw_only=True):
    """A chunk in a page: the beginning of its bytes, in base64 where they are not UTF-8."""

    n: int
    at: int
    size: int
    offset: int
    text: str | None = None
    base64: bytes | None = None


def chunk_of(piece: ChunkSpan) -> ShownChunk:
    """A chunk as it is sent."""
    data = piece.data[:LONGEST_CHUNK]
    text = text_of(data, truncated=len(data) < len(piece.data))
    raw = data if text is None else None
    return ShownChunk(
        n=piece.n, at=piece.at, size=len(piece.data), offset=piece.offset, text=text, base64=raw
    )
