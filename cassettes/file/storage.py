"""The file under a cassette: plain JSON Lines, or the same compressed with Zstandard (`.zst`, RFC 8878).

A compressed cassette is a sequence of whole frames, one for each write, so that what a killed recorder
leaves can be read.
"""

from __future__ import annotations

import io
import os
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import BinaryIO

import zstandard

from cassettes.file.other_formats import DEFLATED
from foundation.errors import CassetteError
from foundation.temporary_files import temporary_root

BLOCK = 1 << 20

LARGEST_UNPACKED = 16 << 30
"""Bytes that a compressed cassette may unpack to."""

LARGEST_RATIO = 1000
"""How many times its size a compressed cassette may unpack to, once it is beyond UNSUSPICIOUS."""

UNSUSPICIOUS = 64 << 20
"""Bytes that a cassette may unpack to, however small it is."""


def check_folder(path: Path) -> None:
    """Raise CassetteError when the folder in which a file is to be written does not exist."""
    if not path.parent.is_dir():
        raise CassetteError(f"{path}: cannot be written: there is no folder {path.parent}; make it first")


def is_compressed(path: Path) -> bool:
    """Whether a cassette of this name is compressed."""
    return path.suffix == ".zst"


def open_plain(path: Path) -> BinaryIO:
    """Open the plain lines of a cassette as a seekable file.

    A compressed cassette, or a pipe, is copied into an unnamed temporary file. Raises CassetteError, also for what
    unpacks to more than a cassette does.
    """
    try:
        file = path.open("rb", buffering=BLOCK)
        if not is_compressed(path) and file.seekable():
            return file
        with file:
            return _copy(file) if not is_compressed(path) else _unpacked(path, file)
    except zstandard.ZstdError as error:
        raise CassetteError(f"{path}: expected Zstandard frames, found something else ({error})") from None
    except OSError as error:
        raise CassetteError(f"{path}: cannot be read: {error.strerror or error}") from None


def open_inflated(path: Path) -> BinaryIO:
    """Open a file that may be compressed with gzip or zlib as a plain, seekable one. Raises CassetteError."""
    file = open_plain(path)
    beginning = file.read(2)
    file.seek(0)
    if not beginning.startswith(DEFLATED):
        return file
    with file:
        try:
            return _copy(Inflater(file), bomb_check(path, file, "gzip -d"))
        except zlib.error as error:
            raise CassetteError(f"{path}: expected gzip or zlib, found something else ({error})") from None


class Inflater(io.RawIOBase):
    """Reads what a file compressed with gzip or zlib holds, at most so many bytes at a time."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, none at the end; raises zlib.error."""
        while not self._decoder.eof:
            packed = self._decoder.unconsumed_tail or self._packed.read(BLOCK)
            plain = self._decoder.decompress(packed, size)
            if plain or not packed:
                return plain
        return b""


def _unpacked(path: Path, packed: BinaryIO) -> BinaryIO:
    plain = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
    return _copy(plain, bomb_check(path, packed, "zstd -d"))


def bomb_check(path: Path, packed: BinaryIO, unpack: str) -> Callable[[int], None]:
    """Return what raises CassetteError when a file unpacks to more bytes than a cassette would."""

    def check(unpacked: int) -> None:
        if unpacked > LARGEST_UNPACKED:
            what = f"more than {LARGEST_UNPACKED >> 30} GiB"
        elif unpacked > max(UNSUSPICIOUS, LARGEST_RATIO * packed.tell()):
            what = f"more than {LARGEST_RATIO} times its size"
        else:
            return
        raise CassetteError(
            f"{path}: unpacks to {what}, as a decompression bomb does; if you trust it, unpack it with"
            f" `{unpack} {quote(str(path))}` and give what that makes"
        )

    return check


def _copy(source: BinaryIO | Inflater, check: Callable[[int], None] = lambda _size: None) -> BinaryIO:
    """Copy a file into a temporary one; `check` is called with the bytes so far, and raises when they are too many."""
    plain = tempfile.TemporaryFile(dir=temporary_root())  # noqa: SIM115 - handed to the caller, who closes it
    try:
        while block := source.read(BLOCK):
            plain.write(block)
            check(plain.tell())
    except BaseException:
        plain.close()
        raise
    plain.seek(0)
    return plain


def mend(path: Path, torn: int) -> None:
    """Cut off the `torn` bytes that a crash left behind the last whole line, and give that line an end if it has none.

    A compressed cassette is written anew, because nothing can be appended to a frame that a crash tore.
    """
    if is_compressed(path):
        _pack_whole(path, torn)
        return
    with path.open("r+b") as file:
        _end_line(file, file.seek(0, os.SEEK_END) - torn)


def _end_line(file: BinaryIO, size: int) -> None:
    file.truncate(size)
    file.seek(max(0, size - 1))
    if file.read(1) not in {b"", b"\n"}:
        file.write(b"\n")


def _pack_whole(path: Path, torn: int) -> None:
    packed = tempfile.NamedTemporaryFile(dir=path.parent, delete=False)  # noqa: SIM115 - the with below closes it
    try:
        with packed, open_plain(path) as plain:
            _end_line(plain, plain.seek(0, os.SEEK_END) - torn)
            plain.seek(0)
            zstandard.ZstdCompressor().copy_stream(plain, packed)
        Path(packed.name).replace(path)
    finally:
        Path(packed.name).unlink(missing_ok=True)
