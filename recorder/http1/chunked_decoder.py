r"""Undoes the chunked transfer coding (RFC 9112, 7.1), piece by piece, as leniently as curl.

Lines may end with LF alone, and whatever follows the size on its line is ignored. Data is returned as soon as it is
there, even if the rest of its chunk is not:

    feed(b"5 ;x=1\r\nhel")             b"hel"
    feed(b"lo\r\n0\r\nX-Sum: 1\r\n")    b"lo"
    feed(b"\r\nHTTP/1.1 ...")          nothing; it has ended, with `trailers` (("X-Sum", "1"),)
                                        and `rest` b"HTTP/1.1 ..."
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator

from foundation.http.headers import Headers
from recorder.http1.malformed import MalformedResponse
from recorder.http1.response_head import parse_fields

LF = 0x0A
SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}(?![0-9A-Fa-f])")
LARGEST_LINES = 64 << 10
"""Bytes that a line with a chunk's size, or all trailers together, may have."""


class ChunkPart(enum.Enum):
    """What comes next in a chunked body."""

    SIZE = enum.auto()
    DATA = enum.auto()
    DATA_END = enum.auto()
    TRAILERS = enum.auto()


class ChunkedDecoder:
    """Decodes one body, until it has `ended`; then `trailers` and `rest`, the bytes behind the body, are known."""

    def __init__(self) -> None:
        self.ended = False
        self.trailers: Headers = ()
        self.rest = b""
        self._part = ChunkPart.SIZE
        self._line = b""  # the beginning of a line whose end has not arrived
        self._left = 0  # bytes of the chunk's data that have not arrived
        self._trailer_lines: list[bytes] = []
        self._trailer_size = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the data that is decoded by now, a piece of each chunk; raises MalformedResponse."""
        data, self._line, at = self._line + data if self._line else data, b"", 0
        while at < len(data) and not self.ended:
            if self._part is ChunkPart.DATA:
                piece = data[at : at + self._left]
                yield piece
                at += len(piece)
                self._left -= len(piece)
                if not self._left:
                    self._part = ChunkPart.DATA_END
                continue
            if (
                self._part is ChunkPart.DATA_END
                and data[at : at + 2] not in {b"\r", b"\r\n"}
                and data[at] != LF
            ):
                raise MalformedResponse("a chunk is longer than its size")
            end = data.find(b"\n", at)
            if end < 0:
                self._keep(data[at:])
                return
            self._take(data[at:end].removesuffix(b"\r"))
            at = end + 1
        self.rest = data[at:]

    def _keep(self, line: bytes) -> None:
        if len(line) + self._trailer_size > LARGEST_LINES:
            raise MalformedResponse("a line between chunks has no end")
        self._line = line

    def _take(self, line: bytes) -> None:
        """Take a line between the data of chunks."""
        match self._part:
            case ChunkPart.DATA_END:
                if line:
                    raise MalformedResponse("a chunk is longer than its size")
                self._part = ChunkPart.SIZE
            case ChunkPart.SIZE:
                self._take_size(line)
            case _:
                self._take_trailer(line)

    def _take_size(self, line: bytes) -> None:
        found = SIZE.match(line)
        if found is None:
            raise MalformedResponse("a chunk has no size")
        self._left = int(found[0], 16)
        self._part = ChunkPart.DATA if self._left else ChunkPart.TRAILERS

    def _take_trailer(self, line: bytes) -> None:
        self._trailer_size += len(line) + 1
        if self._trailer_size > LARGEST_LINES:
            raise MalformedResponse("the trailers are too long")
        if line:
            self._trailer_lines.append(line)
            return
        self.trailers = parse_fields(self._trailer_lines)
        self.ended = True
