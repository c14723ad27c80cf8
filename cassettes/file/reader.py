"""Reads cassettes: the whole file once for an index, then single exchanges from the disk when they are needed."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.format_v1 import UNREADABLE
from cassettes.file.interleave import merged
from cassettes.file.offset_index import KINDS, OffsetIndex
from cassettes.file.other_formats import BEGINNING, what_it_is
from cassettes.file.saved_index import SavedIndex, find, packed, unpacked
from cassettes.file.storage import BLOCK, open_plain
from foundation.code_version import code_version
from foundation.errors import BrokenLine, CassetteError
from foundation.http.headers import Headers


class IndexedFields(msgspec.Struct, gc=False):
    """The two fields of a line that the index needs; the rest of the line is only checked to be JSON."""

    kind: str = ""
    exchange: int | None = None


class RequestTarget(msgspec.Struct, gc=False):
    """The fields of a request's line that matching needs."""

    method: str
    url: str
    headers: Headers = ()
    body: format_v1.Octets = ""


class LinePlace(msgspec.Struct, frozen=True, array_like=True):
    """Where a line is: in the file that a process has open with this descriptor, from `offset` on."""

    descriptor: int
    offset: int
    length: int

    def record(self) -> model.AnyRecord:
        """Read the record there; raises NotARecord."""
        return format_v1.decode(os.pread(self.descriptor, self.length, self.offset))


type Look = Callable[[str, str, Headers, bytes], object]
"""A callback that gets the method, the url, the headers and the decoded body of a request."""

LONGEST_LINE = 128 << 20
"""Bytes that a line can have: far more than the recorder writes, far less than the memory."""

ANSWER_KINDS = frozenset({"chunk", "response", "message", "end", "loss"})

_glance = msgspec.json.Decoder(IndexedFields).decode
_target = msgspec.json.Decoder(RequestTarget).decode


class SavedPlaces(msgspec.Struct, frozen=True, array_like=True):
    """Where everything in a cassette is, for its saved index; headers and losses as lines of a cassette."""

    size: int
    torn: int
    headers: list[bytes]
    first_of: list[int]
    losses: list[bytes]
    ongoing: list[tuple[int, int]]
    arrays: list[bytes]


class Cassette:
    """A cassette, open for reading; a context manager.

    Exchanges are numbered from 0 in the order of their requests. `headers` has one header for each recording
    in the file (they can be concatenated), `losses` the losses that belong to no exchange of the file. `torn` is the
    number of bytes that a crash left behind the last whole line, `size` the number of bytes before those.

    A file that grows can be followed: see `refresh`.
    """

    def __init__(
        self, path: Path, file: BinaryIO, look: Look | None = None, *, longest_line: int = LONGEST_LINE
    ) -> None:
        self.path = path
        self.headers: list[model.Header] = []
        self._first_of: list[int] = []  # the number of each recording's first exchange
        self.losses: list[model.Loss] = []
        self.torn = 0
        self.size = 0
        self._file = file
        self._look = look
        self._longest_line = longest_line
        self._index = OffsetIndex()
        self._ongoing: dict[
            int | None, int
        ] = {}  # exchange number in the recording to number in the cassette

    @classmethod
    def open(
        cls,
        path: Path,
        look: Look | None = None,
        *,
        longest_line: int = LONGEST_LINE,
        saved: SavedIndex | None = None,
    ) -> Self:
        """Open and index a cassette; raises CassetteError, or BrokenLine for a line that is no record or too long.

        `look` is called with every request while the file is read, so that a caller can build an index of its own.
        Without it, the file is not read where its index is saved; `saved` is that index where it was found already.
        A line has to be shorter than `longest_line` bytes.
        """
        file = open_plain(path)
        try:
            cassette = cls(path, file, look, longest_line=longest_line)
            saved = saved or (find(path) if look is None else None)
            if look is not None or saved is None or not cassette._restore(saved):
                cassette._read_all()
        except OSError as error:
            file.close()
            raise CassetteError(f"{path}: cannot be read: {error.strerror}") from None
        except CassetteError as error:
            file.seek(0)
            known = None if cassette.headers else what_it_is(path, file.read(BEGINNING))
            file.close()
            raise CassetteError(known) if known else error from None
        except BaseException:
            file.close()
            raise
        return cassette

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def descriptor(self) -> int:
        """The file's descriptor, for a process that inherits it."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def warnings(self) -> list[str]:
        """Lines for a person about what was left out."""
        return [f"{self.path}: left out the last line, which a crash tore"] if self.torn else []

    def refresh(self, most: int = LONGEST_LINE) -> dict[int, list[int]]:
        """Index lines that were appended to the file, up to the line that reaches `most` bytes.

        Returns the marks of the new lines by exchange. A torn last line stays out until it is whole. A compressed
        cassette does not grow. Raises BrokenLine.
        """
        added: dict[int, list[int]] = defaultdict(list)
        end = self.size + most
        for number in self._read_on():
            added[number].append(self._index.last(number))
            if self.size >= end:
                break
        return added

    def save(self) -> dict[str, SavedPlaces]:
        """The section of a saved index that lets this cassette be opened without reading it, by its name."""
        found = SavedPlaces(
            size=self.size,
            torn=self.torn,
            headers=[format_v1.encode([header]) for header in self.headers],
            first_of=self._first_of,
            losses=[format_v1.encode([loss]) for loss in self.losses],
            ongoing=[(own, number) for own, number in self._ongoing.items() if own is not None],
            arrays=packed(self._index.arrays),
        )
        return {places_section(): found}

    def _restore(self, saved: SavedIndex) -> bool:
        """Take everything from a saved index; False when it does not have that, or does not fit the file."""
        found = saved.section(places_section(), SavedPlaces)
        if found is None or self._file.seek(0, os.SEEK_END) != found.size + found.torn:
            return False
        for line in (*found.headers, *found.losses):
            record = format_v1.decode(line.rstrip())
            if isinstance(record, model.Header):
                self.headers.append(record)
            elif isinstance(record, model.Loss):
                self.losses.append(record)
        self.size, self.torn, self._first_of = found.size, found.torn, found.first_of
        self._ongoing = dict(found.ongoing)
        self._index = OffsetIndex.of(unpacked(KINDS, found.arrays))
        return True

    def marks(self, number: int, after: int | None = None) -> array[int]:
        """The marks of an exchange's records, the request's first, or of those after the mark `after`."""
        return self._index.marks(number) if after is None else self._index.marks(number, after)

    def record(self, mark: int) -> model.AnyRecord:
        """Read the record with this mark."""
        return self._record(*self._index.line(mark))

    def __len__(self) -> int:
        return len(self._index)

    def size_of(self, number: int) -> int:
        """The bytes of all lines of an exchange: what reading it costs."""
        return self._index.size(number)

    def request_place(self, number: int) -> LinePlace:
        """Where the line of an exchange's request is, for another process that reads it."""
        return LinePlace(self._file.fileno(), *self._index.request(number))

    def places(self, number: int) -> list[LinePlace]:
        """Where the lines of an exchange are, for another process that reads them."""
        return [LinePlace(self._file.fileno(), *line) for line in self._index.lines(number)]

    def request(self, number: int) -> model.Request:
        """The request of an exchange, without reading the rest of it."""
        offset, length = self._index.request(number)
        return self._request(self._line(offset, length), offset)

    def response(self, number: int) -> model.Response | None:
        """The head of an exchange's response, without reading its body; None when there is no response."""
        _, *answer = self._index.lines(number)
        records = (self._record(*line) for line in answer)
        return next((record for record in records if isinstance(record, model.Response)), None)

    def exchange(self, number: int) -> model.Exchange:
        """Read a whole exchange."""
        _, *lines = self._index.lines(number)
        request, answer = self.request(number), [self._record(*line) for line in lines]
        if any(getattr(record, "exchange", None) != request.exchange for record in answer):
            raise CassetteError(
                f"{self.path}: its saved index does not fit it; remove that: chatreel index --clear {self.path}"
            )
        return assemble(model.CassetteExchange(number), request, answer)

    def recording(self, number: int) -> int:
        """The place in `headers` of the recording that an exchange belongs to."""
        return bisect_right(self._first_of, number) - 1

    def header(self, number: int) -> model.Header:
        """The header of the recording that an exchange belongs to."""
        return self.headers[self.recording(number)]

    def numbers(self) -> Iterator[model.CassetteExchange]:
        """The number of every exchange, in order."""
        return map(model.CassetteExchange, range(len(self)))

    def exchanges(self) -> Iterator[model.Exchange]:
        """Every exchange, in order."""
        return (self.exchange(number) for number in self.numbers())

    def requests(self) -> Iterator[tuple[str, str, Headers, bytes]]:
        """Method, url, headers and decoded body of every request, in order and fast."""
        places = (self._index.request(number) for number in self.numbers())
        return (self._target(self._line(*place), place[0]) for place in places)

    def records(self) -> Iterator[model.AnyRecord]:
        """Every record in the order of the file, those of unknown kinds too, so that a copy loses nothing."""
        for offset, line in self._lines():
            if offset >= self.size:
                return
            if line.strip():
                yield self._decode(line, offset)

    def selected(self, numbers: Iterable[int]) -> Iterator[model.AnyRecord]:
        """The records of some exchanges in the order of the file, each recording's behind its header."""
        for recording, own in groupby(sorted(set(numbers)), key=self.recording):
            yield self.headers[recording]
            chains = map(self._index.lines, own)
            places = merged(((chain[0][0], chain) for chain in chains), place=itemgetter(0))
            yield from (self._record(*place) for place in places)

    def _target(self, line: bytes, offset: int) -> tuple[str, str, Headers, bytes]:
        try:
            target = _target(line)
        except UNREADABLE:
            request = self._request(line, offset)  # decoding it in full tells what is wrong
            return request.method, request.url, request.headers, request.body
        body = target.body
        data = body.encode() if isinstance(body, str) else body.base64
        return target.method, target.url, format_v1.octet_text(target.headers), data

    def _request(self, line: bytes, offset: int) -> model.Request:
        record = self._decode(line, offset)
        if not isinstance(record, model.Request):  # a line that names two kinds
            raise self._broken(offset, "a request", "a record that names another kind too")
        return record

    def _lines(self, offset: int = 0) -> Iterator[tuple[int, bytes]]:
        """Each line from an offset on, with its own offset; only the last can lack its line end."""
        self._file.seek(offset)
        while line := self._file.readline(self._longest_line):
            if len(line) == self._longest_line:
                raise self._broken(offset, f"a line of less than {self._longest_line} bytes", "a longer one")
            yield offset, line
            offset += len(line)

    def _line(self, offset: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, offset)

    def _record(self, offset: int, length: int) -> model.AnyRecord:
        return self._decode(self._line(offset, length), offset)

    def _decode(self, line: bytes, offset: int) -> model.AnyRecord:
        try:
            return format_v1.decode(line)
        except format_v1.NotARecord as error:
            raise self._broken(offset, error.expected, error.found) from None

    def _broken(self, offset: int, expected: str, found: str) -> BrokenLine:
        return BrokenLine(self.path, self._line_number(offset), expected, found)

    def _line_number(self, offset: int) -> int:
        """The number of the line that begins at an offset, from 1."""
        number, place = 1, 0  # read apart from the file's own place, which another thread may go on from
        while block := os.pread(self._file.fileno(), min(BLOCK, offset - place), place):
            number += block.count(b"\n")
            place += len(block)
        return number

    def _read_all(self) -> None:
        for _ in self._read_on():
            pass
        if not self.headers:
            raise CassetteError(f"{self.path}: expected a cassette, found no header in it")

    def _read_on(self) -> Iterator[int]:
        """Index the lines behind those that are known, and yield the exchange of each line that belongs to one."""
        index, ongoing = self._index, self._ongoing
        self.torn = 0
        for offset, line in self._lines(self.size):
            try:
                glance = _glance(line)
            except UNREADABLE:
                glance = IndexedFields()  # decoding it in full tells what is wrong
            kind = glance.kind
            number = ongoing.get(glance.exchange)
            if number is not None and kind in ANSWER_KINDS:
                index.add(number, offset, len(line))
                if kind == "end":
                    del ongoing[glance.exchange]
            elif kind == "request" and number is None and glance.exchange is not None and self.headers:
                number = ongoing[glance.exchange] = index.begin(offset, len(line))
                if self._look is not None:
                    self._look(*self._target(line, offset))
            elif line.endswith(b"\n") or self._is_whole(line):
                self._index_rare(offset, line)
                number = None
            else:
                self.torn = len(line)
                return
            self.size = offset + len(line)
            if number is not None:
                yield number

    def _is_whole(self, line: bytes) -> bool:
        try:
            format_v1.decode(line)
        except format_v1.NotARecord:
            return False
        return True

    def _index_rare(self, offset: int, line: bytes) -> None:
        """Take a line that is no part of an exchange under way: a header, a loss, an unknown kind, a blank.

        Raises BrokenLine for any other.
        """
        if not line.strip():
            return
        record = self._decode(line, offset)
        match record:
            case model.Header():
                self.headers.append(record)
                self._first_of.append(len(self))
                self._ongoing.clear()
            case _ if not self.headers:
                raise self._broken(offset, "the header of a recording", format_v1.excerpt(line))
            case model.Loss():
                self.losses.append(record)
            case model.Request():
                raise self._broken(
                    offset, "a new exchange", f"a second request of exchange {record.exchange}"
                )
            case model.Response() | model.Chunk() | model.WebSocketMessage() | model.End():
                what = f"a record of exchange {record.exchange}, which has no request or has ended"
                raise self._broken(offset, "a record of an exchange that is under way", what)


def places_section() -> str:
    """The name of the section with SavedPlaces."""
    return f"places, by {code_version('cassettes.file')}"


def assemble(
    number: model.CassetteExchange, request: model.Request, answer: list[model.AnyRecord]
) -> model.Exchange:
    """Put an exchange together from its records; one without an end ended "unfinished" at its last record's time."""
    response = next((record for record in answer if isinstance(record, model.Response)), None)
    chunks = tuple(record for record in answer if isinstance(record, model.Chunk))
    messages = tuple(record for record in answer if isinstance(record, model.WebSocketMessage))
    end = next((record for record in answer if isinstance(record, model.End)), None)
    last = max(record.at for record in (request, response, *chunks, *messages) if record is not None)
    return model.Exchange(
        number=number,
        request=request,
        response=response,
        chunks=chunks,
        end=end or model.End(exchange=request.exchange, at=last, how="unfinished"),
        losses=tuple(record for record in answer if isinstance(record, model.Loss)),
        messages=messages,
    )
