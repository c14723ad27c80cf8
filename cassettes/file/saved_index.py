"""What reading all of a cassette has found out, saved so that it can be opened without reading it.

A saved index is a file beside the cassette or, where that folder cannot be written, in the user's cache. It has
sections of a few arrays each. The name of a section says all that it depends on beside the cassette: what it is,
the options and the version of the code. So a section that was made otherwise is not found.

An index is used for the very file that it was made of, of the same size, time of change and bytes at both ends, and
only if it is whole. It holds offsets, digests and the headers of recordings, and nothing else of what was recorded.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import zlib
from array import array
from collections.abc import Buffer, Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec

from foundation.errors import CassetteError

SUFFIX = ".chatreel-index"

MAGIC = f"chatreel index 1 {sys.byteorder}\n".encode()
"""How an index begins: its format, and the order of the bytes in its numbers."""

CHECKSUM = 4
"""Bytes of the checksum behind that, a CRC-32 of the rest."""

END = 64 << 10
"""Bytes at each end of a cassette that are compared."""


class Origin(msgspec.Struct, frozen=True, array_like=True):
    """The file that an index was made of; `ends` is a digest of the bytes at both ends."""

    size: int
    changed: int
    ends: bytes

    @classmethod
    def of(cls, path: Path) -> Self:
        """The file as it is now. Raises CassetteError when it cannot be read, or is no file, such as a pipe."""
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                if not file.seekable():
                    raise CassetteError(f"{path}: has no index, because it can be read only once")
                digest = hashlib.blake2b(file.read(END), digest_size=16)
                file.seek(max(0, status.st_size - END))
                digest.update(file.read(END))
        except OSError as error:
            raise CassetteError(f"{path}: cannot be read: {error.strerror or error}") from None
        return cls(status.st_size, status.st_mtime_ns, digest.digest())


class SavedIndex(msgspec.Struct, frozen=True, array_like=True):
    """An index: the file that it was made of, and the encoded sections by their names."""

    origin: Origin
    sections: dict[str, msgspec.Raw]

    def section[Section: msgspec.Struct](self, name: str, kind: type[Section]) -> Section | None:
        """The section of this name; None when there is none."""
        if name not in self.sections:
            return None
        try:
            return msgspec.msgpack.decode(self.sections[name], type=kind)
        except msgspec.MsgspecError:
            return None


def find(path: Path) -> SavedIndex | None:
    """The index of a cassette as it is now; None when there is none that fits."""
    found = [place for place in places(path) if is_trusted(place)]
    if not found:
        return None
    try:
        origin = Origin.of(path)
    except CassetteError:
        return None
    indexes = (read(place) for place in found)
    return next((index for index in indexes if index is not None and index.origin == origin), None)


def read(place: Path) -> SavedIndex | None:
    """Read an index; None for a file that is none, or not whole."""
    begin = len(MAGIC) + CHECKSUM
    try:
        data = memoryview(place.read_bytes())
        if data[:begin] != head(data[begin:]):
            return None
        return msgspec.msgpack.decode(data[begin:], type=SavedIndex)
    except (OSError, msgspec.MsgspecError):
        return None


def write(path: Path, origin: Origin, sections: Mapping[str, msgspec.Struct]) -> Path:
    """Save the index of a cassette, and return where. Raises CassetteError when no place can be written."""
    raw = {name: msgspec.Raw(msgspec.msgpack.encode(section)) for name, section in sections.items()}
    data = msgspec.msgpack.encode(SavedIndex(origin, raw))
    problems = []
    for place in places(path):
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(place, head(data), data)
        except OSError as error:
            problems.append(f"{place}: {error.strerror}")
        else:
            return place
    raise CassetteError(f"{path}: its index cannot be saved: {'; '.join(problems)}")


def head(data: Buffer) -> bytes:
    """What an index begins with, before the data that it has."""
    return MAGIC + zlib.crc32(data).to_bytes(CHECKSUM)


def replace(place: Path, *data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(data)
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)


def clear(path: Path) -> list[Path]:
    """Remove the saved indexes of a cassette; returns where they were. Raises CassetteError when one stays."""
    removed = []
    for place in places(path):
        try:
            place.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise CassetteError(f"{place}: cannot be removed: {error.strerror}") from None
        removed.append(place)
    return removed


def places(path: Path) -> list[Path]:
    """Where the index of a cassette can be: beside it, and in the cache where there is one."""
    beside = path.with_name(path.name + SUFFIX)
    cache = cache_folder()
    if cache is None:
        return [beside]
    name = hashlib.blake2b(os.fsencode(path.absolute()), digest_size=16).hexdigest()
    return [beside, cache / "chatreel" / "indexes" / f"{name}{SUFFIX}"]


def cache_folder() -> Path | None:
    """The user's folder for caches (XDG Base Directory 0.8); None for a user without a home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        return Path(given)
    try:
        return Path.home() / ".cache"
    except RuntimeError:
        return None


def is_trusted(place: Path) -> bool:
    """Whether there is a file that this user made, or the superuser."""
    try:
        return place.stat().st_uid in {os.geteuid(), 0} if os.name == "posix" else place.is_file()
    except OSError:
        return False


def packed(numbers: Sequence[array[int]]) -> list[bytes]:
    """Arrays as bytes."""
    return [one.tobytes() for one in numbers]


def unpacked(kinds: str, packed_arrays: Sequence[bytes]) -> list[array[int]]:
    """The arrays of these kinds from bytes. Raises ValueError for bytes that are none."""
    found = []
    for kind, data in zip(kinds, packed_arrays, strict=True):
        numbers = array(kind)
        numbers.frombytes(data)
        found.append(numbers)
    return found
