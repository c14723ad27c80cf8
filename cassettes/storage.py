"""The file under a cassette: plain JSON Lines, or the same compressed with Zstandard (`.zst`, RFC 8878).

A compressed cassette is a sequence of whole frames, one for each write, so that what a killed recorder
leaves can be read, and continued after its last whole frame.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

import zstandard

from cassettes.errors import CassetteError

BLOCK = 1 << 20


def is_compressed(path: Path) -> bool:
    """Whether a cassette of this name is compressed."""
    return path.suffix == ".zst"


def open_plain(path: Path) -> BinaryIO:
    """The lines of a cassette as a file of bytes; a compressed one in an unnamed temporary file."""
    try:
        file = path.open("rb", buffering=BLOCK)
        if not is_compressed(path):
            return file
        with file:
            return _unpack(file, path)
    except OSError as error:
        raise CassetteError(f"{path}: {error.strerror or error}") from None


def _unpack(packed: BinaryIO, path: Path) -> BinaryIO:
    plain = tempfile.TemporaryFile()  # noqa: SIM115 - handed to the caller, who closes it
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as unpacked:
            shutil.copyfileobj(unpacked, plain, BLOCK)
    except zstandard.ZstdError as error:
        plain.close()
        raise CassetteError(f"{path}: expected Zstandard frames, found something else ({error})") from None
    plain.seek(0)
    return plain


def whole_length(path: Path) -> int:
    """How many bytes of the file end in a whole line or frame: behind them lies what a crash tore."""
    with path.open("rb") as file:
        return _whole_frames(file) if is_compressed(path) else _whole_lines(file)


def _whole_lines(file: BinaryIO) -> int:
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        begin = max(0, end - BLOCK)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _whole_frames(file: BinaryIO) -> int:
    whole = 0
    pending = b""
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    read = 0
    while data := pending or file.read(BLOCK):
        read += 0 if pending else len(data)
        unpacking.decompress(data)
        pending = b""
        if unpacking.eof:
            pending = unpacking.unused_data
            whole = read - len(pending)
            unpacking = zstandard.ZstdDecompressor().decompressobj()
    return whole
