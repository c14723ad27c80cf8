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
    """Undoes the coding of one body."""

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        ...


class ZlibDecoder:
    """Decodes gzip, of one or several members (RFC 1952), and deflate, with or without the zlib header (RFC 1950)."""

    def __init__(self, largest: int, *, gzip: bool) -> None:
        self._largest = largest
        self._gzip = gzip
        self._started = gzip
        self._decoder = zlib.decompressobj(31 if gzip else 15)

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        if not self._started and data:
            self._started = True
            if (
                data[0] & 0x0F != 8
            ):  # no zlib header: raw deflate, which some servers send and browsers accept
                self._decoder = zlib.decompressobj(-15)
        output = bytearray()
        while data and not self._is_past_deflate:
            if self._decoder.eof:  # the next member of gzip
                self._decoder = zlib.decompressobj(31)
            output += self._decompress(data, self._largest - len(output))
            data = self._decoder.unused_data
        return bytes(output)

    @property
    def _is_past_deflate(self) -> bool:
        """Whether a body in deflate has ended; what follows is ignored, as browsers do."""
        return self._decoder.eof and not self._gzip

    def _decompress(self, data: bytes, room: int) -> bytes:
        try:
            output = self._decoder.decompress(data, room + 1)
        except zlib.error as error:
            raise BrokenCoding(str(error)) from None
        if len(output) > room:
            raise BrokenCoding(TOO_MUCH)
        return output


class BrotliDecoder:
    """Decodes br (RFC 7932)."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._decoder = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        try:
            output = bytes(self._decoder.process(data, output_buffer_limit=self._largest + 1))
        except brotli.error as error:
            raise BrokenCoding(str(error)) from None
        if len(output) > self._largest:
            raise BrokenCoding(TOO_MUCH)
        return output


class ZstdDecoder:
    """Decodes zstd, of one or several frames (RFC 8878)."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._decoder = unpacker.decompressobj(read_across_frames=True)

    def feed(self, data: bytes) -> bytes:
        """Return what can be decoded now; raises BrokenCoding."""
        output = bytearray()
        for begin in range(0, len(data), ZSTD_PIECE):
            try:
                output += self._decoder.decompress(data[begin : begin + ZSTD_PIECE])
            except zstandard.ZstdError as error:
                raise BrokenCoding(str(error)) from None
            if len(output) > self._largest:
                raise BrokenCoding(TOO_MUCH)
        return bytes(output)


class DecoderChain:
    """Undoes several codings; `decoders` begin with the one for the coding that was applied last."""

    def __init__(self, decoders: list[BodyDecoder]) -> None:
        self._decoders = decoders

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
