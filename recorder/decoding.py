"""Content codings (RFC 9110, 8.4), undone chunk by chunk while a body arrives."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli
import zstandard

LARGEST_OUTPUT = 64 << 20
"""Bytes that one chunk may become: what is more is a decompression bomb."""

ZSTD_PIECE = 64  # bytes of input at a time, each of which becomes 2 MiB at the most


class BrokenCoding(Exception):
    """A body that is not in the coding that its header names."""


class BodyDecoder(Protocol):
    """Undoes one coding."""

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        ...


class Zlib:
    """gzip (also of several members) and deflate (with and without the zlib header, as browsers take it)."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._started = gzip
        self._decoder = zlib.decompressobj(31 if gzip else 15)

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        if not self._started and data:
            self._started = True
            if data[0] & 0x0F != 8:  # no zlib header (RFC 1950): raw deflate, which some servers send
                self._decoder = zlib.decompressobj(-15)
        return b"".join(self._members(data))

    def _members(self, data: bytes) -> Iterator[bytes]:
        while data:
            try:
                yield self._decoder.decompress(data, LARGEST_OUTPUT)
            except zlib.error as error:
                raise BrokenCoding(str(error)) from None
            if self._decoder.unconsumed_tail:
                raise BrokenCoding("it unpacks to too much")
            data = self._decoder.unused_data if self._gzip else b""
            if data:
                self._decoder = zlib.decompressobj(31)


class Brotli:
    """br (RFC 7932)."""

    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        try:
            output = bytes(self._decoder.process(data, output_buffer_limit=LARGEST_OUTPUT))
        except brotli.error as error:
            raise BrokenCoding(str(error)) from None
        if len(output) >= LARGEST_OUTPUT:
            raise BrokenCoding("it unpacks to too much")
        return output


class Zstd:
    """zstd (RFC 8878), also of several frames."""

    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor().decompressobj(read_across_frames=True)

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        output = bytearray()
        for begin in range(0, len(data), ZSTD_PIECE):
            try:
                output += self._decoder.decompress(data[begin : begin + ZSTD_PIECE])
            except zstandard.ZstdError as error:
                raise BrokenCoding(str(error)) from None
            if len(output) > LARGEST_OUTPUT:
                raise BrokenCoding("it unpacks to too much")
        return bytes(output)


class Chain:
    """Several codings, the last applied undone first."""

    def __init__(self, decoders: list[BodyDecoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> bytes:
        """What can be decoded now; raises BrokenCoding."""
        for decoder in self._decoders:
            data = decoder.feed(data)
        return data


def decoder_for(encoding: str) -> BodyDecoder | None:
    """A decoder for a `Content-Encoding`; None for none, for identity and for one that is not known."""
    codings = [coding.strip().lower() for coding in encoding.split(",")]
    decoders = [_decoder(coding) for coding in reversed(codings) if coding not in {"", "identity"}]
    known = [decoder for decoder in decoders if decoder is not None]
    if not known or len(known) < len(decoders):
        return None
    return known[0] if len(known) == 1 else Chain(known)


def _decoder(coding: str) -> BodyDecoder | None:
    match coding:
        case "gzip" | "x-gzip":
            return Zlib(gzip=True)
        case "deflate":
            return Zlib(gzip=False)
        case "br":
            return Brotli()
        case "zstd":
            return Zstd()
        case _:
            return None
