r"""The timeline of one response: its head, its events or chunks, and its end, in pages, however long it is.

The records are read once, in short steps. A cursor holds what is needed to go on from a record; copies of it, the
checkpoints, are kept at every 256th moment or chunk, so that a page is read from the nearest checkpoint. For a stream:

    record      response     chunk 0          chunk 1    chunk 2          end
    bytes                    data: a\n\ndata:   b\n         \ndata: c\n\n
    moments     0 head       1 event a                   2 event b        4 end
                                                         3 event c
    its chunks               (0, 0)                      (0, 2) (2, 2)

Event b lies in the chunks 0 to 2, because its block begins in chunk 0; it is dated to the chunk that completes it.
"""

from __future__ import annotations

import copy
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from cassettes import model
from cassettes.answers.protocol_end import LEFT_OPEN, EndWatcher
from cassettes.file.reader import Cassette
from cassettes.framings.event import Event
from cassettes.framings.framing import EventDecoder
from cassettes.framings.recognition import Recognition
from cassettes.model import AnyRecord
from cassettes.views.timeline import message_name, message_text
from inspector.workspace.content import text_of

CHECKPOINT_EVERY = 256
"""Moments or chunks between two checkpoints."""

LONGEST_DATA = 8 << 10
"""Characters of a moment's data in a page."""

LONGEST_CHUNK = 64 << 10
"""Bytes of a chunk in a page."""

LARGEST_PAGE = 4 << 20
"""Bytes of the data in a page; where it would have more, the page ends before its limit."""

MOST_LOSSES = 100
"""Losses of an exchange that are kept."""

type What = Literal["head", "event", "chunk", "end"]


class ShownMoment(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened `at` microseconds after the whole request, `gap` microseconds after the moment before.

    `name` is the status, the event's type, or how the exchange ended; `chunks` are the first and the last chunk that
    hold its bytes; `size` is the bytes of its data.
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


class TimelineCursor:
    """A place between two records of a response, and the state of the decoder there."""

    def __init__(self, began: int) -> None:
        self._began = self._previous_at = began
        self._recognition: Recognition | None = None
        self._undecided: list[
            ChunkSpan
        ] = []  # chunks of which it is not known yet if they are those of a stream
        self._decoder: EventDecoder | None = None
        self._watcher = EndWatcher()
        self._block_chunk = self._block_offset = 0  # where the block that is under way begins
        self.record = 0
        self.moments = 0
        self.chunks = 0
        self.offset = 0
        self.ended = False
        self.how: model.How = "unfinished"

    def copy(self) -> TimelineCursor:
        """Another cursor at the same place."""
        return copy.deepcopy(self)

    def step(self, record: AnyRecord) -> tuple[list[ShownMoment], ChunkSpan | None]:
        """Go over the next record, and return the moments that it completes, and the chunk if it is one."""
        self.record += 1
        match record:
            case model.Response():
                return [self._head(record)], None
            case model.Chunk():
                return self._chunk(record)
            case model.WebSocketMessage():
                return [self._message(record)], None
            case model.End():
                return self._end(record), None
            case _:
                return [], None

    def _head(self, head: model.Response) -> ShownMoment:
        self._recognition = Recognition(head.headers)
        self._begin_if_decided()
        return self._moment(head.at, "head", f"{head.status} {head.reason}".strip())

    def _chunk(self, chunk: model.Chunk) -> tuple[list[ShownMoment], ChunkSpan]:
        span = ChunkSpan(n=self.chunks, at=chunk.at - self._began, offset=self.offset, data=chunk.data)
        self.chunks += 1
        self.offset += len(chunk.data)
        self._undecided.append(span)
        if self._recognition is not None:
            self._recognition.feed(chunk.data)
        return self._begin_if_decided(), span

    def _begin_if_decided(self) -> list[ShownMoment]:
        """Return the moments of the chunks that waited until it was known what frames the events in them, if any."""
        if self._recognition is not None and not self._recognition.decided:
            return []
        if self._decoder is None and self._recognition is not None and self._recognition.framing is not None:
            self._decoder = self._recognition.framing.decoder()
        spans, self._undecided = self._undecided, []
        return [moment for span in spans for moment in self._moments_of(span)]

    def _moments_of(self, span: ChunkSpan) -> list[ShownMoment]:
        at = span.at + self._began
        if self._decoder is None:
            return [self._plain_chunk(span)]
        if not self._decoder.under_way:
            self._begin_block(span)
        moments = []
        for event in self._decoder.feed(span.data, at):
            self._watcher.feed([event])
            moments.append(self._event(event, span.n))
            self._begin_block(span)
        return moments

    def _end(self, end: model.End) -> list[ShownMoment]:
        self.ended = True
        if self._recognition is not None:
            self._recognition.end()
        waited = self._begin_if_decided()
        cut = self._decoder.close(end.at) if self._decoder else None
        last = [] if cut is None else [self._event(cut, self.chunks - 1)]
        self._watcher.feed([] if cut is None else [cut])
        self.how = "complete" if end.how in LEFT_OPEN and self._watcher.ended else end.how
        return [*waited, *last, self._moment(end.at, "end", self.how, end.message)]

    @property
    def held(self) -> int:
        """The bytes of the unfinished block, and of undecided chunks, which every copy of this cursor holds."""
        undecided = sum(len(span.data) for span in self._undecided)
        under_way = self._decoder is not None and self._decoder.under_way
        return undecided + (self.offset - self._block_offset if under_way else 0)

    def _begin_block(self, span: ChunkSpan) -> None:
        self._block_chunk, self._block_offset = span.n, span.offset

    def _message(self, message: model.WebSocketMessage) -> ShownMoment:
        size = len(message.data)
        return self._moment(message.at, "event", message_name(message), message_text(message), size=size)

    def _plain_chunk(self, span: ChunkSpan) -> ShownMoment:
        size, text = len(span.data), span.data.decode("utf-8", "replace")
        at = span.at + self._began
        return self._moment(at, "chunk", f"{size} bytes", text, size=size, chunks=(span.n, span.n))

    def _event(self, event: Event, last_chunk: int) -> ShownMoment:
        return self._moment(
            event.at,
            "event",
            event.type,
            event.data,
            id=event.id,
            retry=event.retry,
            dispatched=event.dispatched,
            comments=event.comments,
            chunks=(self._block_chunk, last_chunk),
        )

    def _moment(
        self, at: int, what: What, name: str, data: str = "", size: int | None = None, **more: Any
    ) -> ShownMoment:
        number, gap = self.moments, at - self._previous_at
        self.moments, self._previous_at = number + 1, at
        size = len(data.encode("utf-8", "surrogatepass")) if size is None else size
        return ShownMoment(
            n=number, at=at - self._began, gap=gap, what=what, name=name, data=data, size=size, **more
        )


class ResponseTimeline:
    """The timeline of one exchange's response, as far as `read_on` has read it.

    `request`, `response`, `end` and `losses` are the records; all but the request are None or missing until then.
    """

    def __init__(self, cassette: Cassette, number: int, *, checkpoint_every: int = CHECKPOINT_EVERY) -> None:
        self._cassette = cassette
        self._number = number
        self._checkpoint_every = checkpoint_every
        self._request_mark, *_ = cassette.marks(number)
        self._marks = array("I")
        self.request = cassette.request(number)
        self.response: model.Response | None = None
        self.end: model.End | None = None
        self.losses: list[model.Loss] = []
        self._cursor = TimelineCursor(self.request.at)
        self._checkpoints = [self._cursor.copy()]

    @property
    def moments(self) -> int:
        """The number of moments."""
        return self._cursor.moments

    @property
    def chunks(self) -> int:
        """The number of chunks."""
        return self._cursor.chunks

    @property
    def size(self) -> int:
        """The size of the body in bytes."""
        return self._cursor.offset

    @property
    def ended(self) -> bool:
        """Whether the end of the exchange is recorded."""
        return self._cursor.ended

    @property
    def how(self) -> model.How:
        """How the exchange ended: complete, whoever closed first, where the last event by the protocol arrived."""
        return self._cursor.how

    def read_on(self) -> Iterator[None]:
        """Read the records that are new since the last time, with a `yield` behind each; raises CassetteError."""
        latest = self._marks[-1] if self._marks else self._request_mark
        self._marks += self._cassette.marks(self._number, after=latest)
        while self._cursor.record < len(self._marks):
            record = self._cassette.record(self._marks[self._cursor.record])
            self._keep(record)
            self._cursor.step(record)
            self._keep_checkpoint()
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

    def _keep_checkpoint(self) -> None:
        """Keep a copy of the cursor where the last one is far, unless it would hold a long unfinished block."""
        cursor, last = self._cursor, self._checkpoints[-1]
        distance = max(cursor.moments - last.moments, cursor.chunks - last.chunks)
        if distance >= self._checkpoint_every and cursor.held <= LONGEST_CHUNK:
            self._checkpoints.append(cursor.copy())

    def page(self, since: int, limit: int) -> list[ShownMoment]:
        """At most `limit` moments from the number `since` on, each with the beginning of its data."""
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
        """All moments from the number `since` on, with all of their data."""
        checkpoint = bisect_right(self._checkpoints, since, key=lambda cursor: cursor.moments) - 1
        for moments, _ in self._read_from(checkpoint):
            yield from (moment for moment in moments if moment.n >= since)

    def spans(self, since: int) -> Iterator[ChunkSpan]:
        """All chunks from the number `since` on."""
        checkpoint = bisect_right(self._checkpoints, since, key=lambda cursor: cursor.chunks) - 1
        for _, span in self._read_from(checkpoint):
            if span is not None and span.n >= since:
                yield span

    def _read_from(self, checkpoint: int) -> Iterator[tuple[list[ShownMoment], ChunkSpan | None]]:
        cursor = self._checkpoints[checkpoint].copy()
        while cursor.record < self._cursor.record:
            yield cursor.step(self._cassette.record(self._marks[cursor.record]))


def shortened(moment: ShownMoment) -> ShownMoment:
    """The moment with the beginnings of its name, data, id and comments."""
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
    """A chunk in a page: the beginning of its bytes, in base64 where they are not UTF-8 (RFC 4648)."""

    n: int
    at: int
    size: int
    offset: int
    text: str | None = None
    base64: bytes | None = None


def shown_chunk(span: ChunkSpan) -> ShownChunk:
    """A chunk with the beginning of its bytes."""
    data = span.data[:LONGEST_CHUNK]
    text = text_of(data, truncated=len(data) < len(span.data))
    raw = data if text is None else None
    return ShownChunk(n=span.n, at=span.at, size=len(span.data), offset=span.offset, text=text, base64=raw)
