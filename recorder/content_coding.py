"""Content codings (RFC 9110, 8.4), undone chunk by chunk while a body arrives."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli
import zstandard

LARGEST_OUTPUT = 64 << 20
"""Bytes that one chunk may become: what is more is a decompression bomb. 64 KiB, which is what a socket gives
at once, become no more than this by gzip and deflate."""

LARGEST_WINDOW = 8 << 20  # of zstd, which may ask for gigabytes; RFC 9659 lets senders count on this much
ZSTD_PIECE = 64  # bytes of input at a time, each of which becomes 2 MiB at the most
MOST_CODINGS = 5  # on top of each other: each costs memory and time
TOO_MUCH = "it unpacks to too much"


class BrokenCoding(Exception):
    """A body that is not in the coding that its header names."""


class BodyDecoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        ...


class ZlibDecoder:
    """gzip (also of several members) and deflate (with and without the zlib header, as browsers take it)."""

    def __init__(self, largest: int, *, gzip: bool) -> None:
        self._largest = largest
        self._gzip = gzip
        self._started = gzip
        self._decoder = zlib.decompressobj(31 if gzip else 15)

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        if not self._started and data:
            self._started = True
            if data[0] & 0x0F != 8:  # no zlib header (RFC 1950): raw deflate, which some servers send
                self._decoder = zlib.decompressobj(-15)
        output = bytearray()
        while data and not (self._decoder.eof and not self._gzip):  # what follows deflate's end is ignored
            if self._decoder.eof:
                self._decoder = zlib.decompressobj(31)
            output += self._decompress(data, self._largest - len(output))
            data = self._decoder.unused_data
        return bytes(output)

    def _decompress(self, data: bytes, room: int) -> bytes:
        try:
            output = self._decoder.decompress(data, room + 1)
        except zlib.error as error:
            raise BrokenCoding(str(error)) from None
        if len(output) > room:
            raise BrokenCoding(TOO_MUCH)
        return output


class BrotliDecoder:
    """br (RFC 7932)."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._decoder = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        try:
            output = bytes(self._decoder.process(data, output_buffer_limit=self._largest + 1))
        except brotli.error as error:
            raise BrokenCoding(str(error)) from None
        if len(output) > self._largest:
            raise BrokenCoding(TOO_MUCH)
        return output


class ZstdDecoder:
    """zstd (RFC 8878), also of several frames."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        unpacker = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._decoder = unpacker.decompressobj(read_across_frames=True)

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
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
    """Several codings, the last applied undone first."""

    def __init__(self, decoders: list[BodyDecoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        for decoder in self._decoders:
            data = decoder.feed(data)
        return data


def decoder_for(encoding: str, largest: int = LARGEST_OUTPUT) -> BodyDecoder | None:
    """A decoder for a `Content-Encoding` that makes at most `largest` bytes of one chunk.

    None for no coding, for identity, for one that is not known and for too many.
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
