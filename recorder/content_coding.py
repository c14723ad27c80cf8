"""Undoes content codings (RFC 9110, 8.4) piece by piece while a body arrives.

A decoder returns for each piece of encoded data whatever can be decoded by then. Where the pieces are cut does not
matter: joined, the results are the decoded body. For b"hello" in gzip, cut within its header and its data:

    decoder = decoder_for("gzip")
    decoder.feed(encoded[:4])     # b""      the header of gzip alone has ten bytes
    decoder.feed(encoded[4:14])   # b"hel"
    decoder.feed(encoded[14:])    # b"lo"    followed by the checksum, which is verified

The memory that a piece can take is bounded: what decodes to more than `largest` bytes raises BrokenCoding.
"""

from __future__ import annotations

import abc
import zlib
from typing import Protocol

import brotli
import zstandard

LARGEST_OUTPUT = 64 << 20
"""Bytes that one piece may decode to; a piece that exceeds this is taken for a decompression bomb.

gzip and deflate expand by a factor of about 1000 at most, so 64 KiB, the most that is read from a socket at once,
stay within this.
"""

LARGEST_WINDOW = 8 << 20
"""Bytes of a zstd window, the size that RFC 9659 obliges decoders to accept; a frame may demand gigabytes."""

ZSTD_PIECE = 64
"""Bytes of input that the zstd decoder gets at a time: no 64 bytes decode to more than 2 MiB."""

MOST_CODINGS = 5
"""Codings that may be applied to one body, each of which costs memory and time."""

TOO_MUCH = "it unpacks to too much"


class BrokenCoding(Exception):
    """The data is not in the coding that its header names, or decodes to too many bytes."""


class BodyDecoder(Protocol):
    """Undoes the coding of one body. Bytes behind the coded body are ignored, as browsers do, and counted."""

    @property
    def excess(self) -> int:
        """The number of those bytes."""
        ...

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        ...


class MemberDecoder(abc.ABC):
    """Decodes a body of one or several members, such as those of gzip, each of which knows its own end.

    What follows a member and is the beginning of none is in excess:

        gzip("one") + gzip("two")    "onetwo"
        gzip("one") + "junk"         "one", and excess is 4
        "junk"                       raises BrokenCoding
    """

    def __init__(self, largest: int) -> None:
        self.excess = 0
        self._largest = largest
        self._members = 0
        self._fed = 0  # bytes of the member under way
        self._decoded = False  # whether any of it could be decoded
        self._past_end = False

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        output = bytearray()
        while data and not self._past_end:
            if self._at_member_end:
                if not self._begin_member():
                    self._past_end = True
                    break
                self._members, self._fed, self._decoded = self._members + 1, 0, False
            try:
                piece, rest = self._decompress(data)
            except BrokenCoding:
                if self._decoded or not self._members:
                    raise
                self._past_end = True
                self.excess += self._fed
                break
            output += piece
            if len(output) > self._largest:
                raise BrokenCoding(TOO_MUCH)
            self._decoded = self._decoded or bool(piece)
            self._fed += len(data) - len(rest)
            data = rest
        if self._past_end:
            self.excess += len(data)
        return bytes(output)

    @property
    @abc.abstractmethod
    def _at_member_end(self) -> bool:
        """Whether a member has ended."""

    @abc.abstractmethod
    def _begin_member(self) -> bool:
        """Make a decoder for the next member; returns False when there can be none."""

    @abc.abstractmethod
    def _decompress(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what is decoded, at most some MiB beyond the bound, and the data that is left; raises BrokenCoding."""


class ZlibDecoder(MemberDecoder):
    """Decodes gzip, of one or several members (RFC 1952), and deflate, with or without the zlib header (RFC 1950)."""

    def __init__(self, largest: int, *, gzip: bool) -> None:
        super().__init__(largest)
        self._gzip = gzip
        self._started = gzip
        self._decoder = zlib.decompressobj(31 if gzip else 15)

    @property
    def _at_member_end(self) -> bool:
        return self._decoder.eof

    def _begin_member(self) -> bool:
        if self._gzip:
            self._decoder = zlib.decompressobj(31)
        return self._gzip

    def _decompress(self, data: bytes) -> tuple[bytes, bytes]:
        if not self._started:
            self._started = True
            if (
                data[0] & 0x0F != 8
            ):  # no zlib header: raw deflate, which some servers send and browsers accept
                self._decoder = zlib.decompressobj(-15)
        try:
            output = self._decoder.decompress(data, self._largest + 1)
        except zlib.error as error:
            raise BrokenCoding(str(error)) from None
        return output, self._decoder.unused_data


class BrotliDecoder:
    """Decodes br (RFC 7932)."""

    def __init__(self, largest: int) -> None:
        self.excess = 0
        self._largest = largest
        self._decoder = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        if self._decoder.is_finished():
            self.excess += len(data)
            return b""
        try:
            output = bytes(self._decoder.process(data, output_buffer_limit=self._largest + 1))
        except brotli.error as error:
            raise BrokenCoding(str(error)) from None
        if len(output) > self._largest:
            raise BrokenCoding(TOO_MUCH)
        return output


class ZstdDecoder(MemberDecoder):
    """Decodes zstd, of one or several frames (RFC 8878)."""

    def __init__(self, largest: int) -> None:
        super().__init__(largest)
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._decoder = self._unpacker.decompressobj()

    @property
    def _at_member_end(self) -> bool:
        return self._decoder.eof

    def _begin_member(self) -> bool:
        self._decoder = self._unpacker.decompressobj()
        return True

    def _decompress(self, data: bytes) -> tuple[bytes, bytes]:
        try:
            output = self._decoder.decompress(data[:ZSTD_PIECE])
        except zstandard.ZstdError as error:
            raise BrokenCoding(str(error)) from None
        return output, self._decoder.unused_data + data[ZSTD_PIECE:]


class DecoderChain:
    """Undoes several codings; `decoders` begin with the one for the coding that was applied last."""

    def __init__(self, decoders: list[BodyDecoder]) -> None:
        self._decoders = decoders

    @property
    def excess(self) -> int:
        """Bytes behind what was coded, of all codings together."""
        return sum(decoder.excess for decoder in self._decoders)

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        for decoder in self._decoders:
            data = decoder.feed(data)
        return data


def decoder_for(encoding: str, largest: int = LARGEST_OUTPUT) -> BodyDecoder | None:
    """Return a decoder for the value of a `Content-Encoding`, which decodes a piece to at most `largest` bytes.

    Returns None when nothing has to be undone (no coding, or identity), when one of the codings is unknown and when
    there are more than `MOST_CODINGS`.
    """
    codings = [coding.strip().lower() for coding in encoding.split(",")]
    decoders = [_decoder(coding, largest) for coding in reversed(codings) if coding not in {"", "identity"}]
    known = [decoder for decoder in decoders if decoder is not None]
    if not known or len(known) < len(decoders) or len(known) > MOST_CODINGS:
        return None
    return known[0] if len(known) == 1 else DecoderChain(known)


def _decoder(coding: str, largest: int) -> BodyDecoder | None:
    match coding:
        case "gzip" | "x-gzip":
            return ZlibDecoder(largest, gzip=True)
        case "deflate":
            return ZlibDecoder(largest, gzip=False)
        case "br":
            return BrotliDecoder(largest)
        case "zstd":
            return ZstdDecoder(largest)
        case _:
            return None
