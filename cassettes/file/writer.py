"""Writes cassettes: each write appends whole lines, and what failed half-way is cut off again."""

from __future__ import annotations

import contextlib
import enum
import errno
import fcntl
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import zstandard

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.other_formats import check_name
from cassettes.file.reader import Cassette
from cassettes.file.storage import check_folder, is_compressed, mend
from foundation.errors import CassetteError

RECORD = 200  # bytes that a record has besides its data, roughly
BATCH = 1 << 18
"""Bytes that a copy writes at a time."""

CREATE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND

WITHOUT_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL})
"""The errors of a file system that has no locks, as some of networks and of containers have none."""

MOST_OF_NOTHING = 1 << 16
"""Bytes from which on a file is not looked at whether it holds any exchange."""

PRIVATE = 0o600  # a recording is for its owner's eyes, redacted or not


class FileState(enum.Enum):
    """What other programs have done to a file since the writer's last write."""

    UNTOUCHED = enum.auto()
    REMOVED = enum.auto()
    TRUNCATED = enum.auto()


class CassetteWriter:
    """A cassette, open for appending; a context manager. `size` is its length on disk in bytes.

    It is locked against a second writer while it is open, where the file system has locks. Its `state` says when
    another program has removed or truncated it; then `put_back` or `start_over` puts it right.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        try:
            lock(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            raise CassetteError(f"{path} is being written by another recorder: choose another file") from None
        self.size = self._written = os.fstat(descriptor).st_size

    @classmethod
    def create(cls, path: Path, *, force: bool = False) -> Self:
        """Create a cassette; raises CassetteError when the file exists, unless `force` says to replace it.

        A cassette without exchanges, which a recording left that saw no traffic, is replaced all the same.
        """
        check_name(path)
        check_folder(path)
        try:
            if path.is_file() and (force or holds_nothing(path)):
                with cls(path, os.open(path, os.O_RDONLY)):  # not from under another recorder
                    path.unlink()
            return cls(path, os.open(path, CREATE, PRIVATE))
        except FileExistsError:
            hint = "choose another file" if force else "--force replaces it, --append goes on with it"
            raise CassetteError(f"{path} exists: {hint}") from None
        except OSError as error:
            raise CassetteError(f"{path}: cannot be written: {error.strerror}") from None

    @classmethod
    def append(cls, path: Path) -> Self:
        """Open a cassette to append to it, or create it; a line that a crash tore at its end is cut off first."""
        check_name(path)
        check_folder(path)
        try:
            with cls(path, os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)) as locked:
                if locked.size:
                    mend(path, _torn(path))
            # Opened anew, because mending can have put another file in its place.
            return cls(path, os.open(path, os.O_RDWR | os.O_APPEND))
        except OSError as error:
            raise CassetteError(f"{path}: cannot be continued: {error.strerror}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """The file's descriptor, which another process can inherit."""
        return self._descriptor

    def write(self, records: Iterable[model.AnyRecord]) -> None:
        """Append records; when it raises OSError, none of them is in the file."""
        data = format_v1.encode(records)
        if is_compressed(self.path):
            data = zstandard.ZstdCompressor().compress(data)
        if self.state is FileState.REMOVED:
            raise FileNotFoundError(errno.ENOENT, "the file was removed")
        self._take_back()
        try:
            self._write_all(data)
        except OSError:
            with contextlib.suppress(OSError):  # the next write tries again
                self._take_back()
            raise
        self.size = self._written

    @property
    def state(self) -> FileState:
        """What another program has done to the file, as far as it harms the recording."""
        found = os.fstat(self._descriptor)
        if not found.st_nlink:
            return FileState.REMOVED
        cut = stat.S_ISREG(found.st_mode) and found.st_size < self.size
        return FileState.TRUNCATED if cut else FileState.UNTOUCHED

    @property
    def place(self) -> Path | None:
        """The path that leads to the file now, another one after it was renamed; None when no path is known."""
        own = os.fstat(self._descriptor)
        for path in (self.path, _linked(self._descriptor)):
            with contextlib.suppress(OSError):
                if path is not None and os.path.samestat(path.stat(), own):
                    return path
        return None

    def put_back(self) -> None:
        """Copy the file, which was removed, to its path again.

        When another file is there, the copy has a name beside it, and is the new `path`. Raises OSError, and the writer
        is as before.
        """
        path = self.path
        if path.exists():
            path = path.with_name(f"recovered-{path.name}")
        descriptor = os.open(path, CREATE, PRIVATE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            done = 0
            while block := os.pread(self._descriptor, min(BATCH, self.size - done), done):
                done += _write_all(descriptor, block)
        except OSError:
            os.close(descriptor)
            path.unlink()
            raise
        self._change_file(path, descriptor)

    def replace(self, draft: Path) -> None:
        """Put another file in the place of this one, and go on with that; raises OSError."""
        path = self.place
        if path is None:
            raise FileNotFoundError(errno.ENOENT, "the file was removed")
        draft.replace(path)
        self._change_file(self.path, os.open(path, os.O_RDWR | os.O_APPEND))

    def start_over(self) -> int:
        """Go on behind the whole lines that are left of the file, which was truncated; returns how many bytes are gone.

        The next record has to be a header. Raises OSError when the rest is no cassette or cannot be written.
        """
        before = self.size
        path = self.place
        if path is None:
            raise FileNotFoundError(errno.ENOENT, "the file was truncated, and no path leads to it")
        if os.fstat(self._descriptor).st_size:
            try:
                mend(path, _torn(path))
            except CassetteError:  # not even a header is left
                os.ftruncate(self._descriptor, 0)
        self._change_file(self.path, os.open(path, os.O_RDWR | os.O_APPEND))
        return before - self.size

    def _change_file(self, path: Path, descriptor: int) -> None:
        os.close(self._descriptor)  # its lock goes with it
        self.path, self._descriptor = path, descriptor
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self.size = self._written = os.fstat(descriptor).st_size

    def copy(self, records: Iterable[model.AnyRecord]) -> None:
        """Append any number of records, a bounded part of them at a time; raises OSError."""
        batch: list[model.AnyRecord] = []
        size = 0
        for record in records:
            batch.append(record)
            size += RECORD + len(
                record.data if isinstance(record, model.Chunk | model.WebSocketMessage) else b""
            )
            if size >= BATCH:
                self.write(batch)
                batch, size = [], 0
        if batch:
            self.write(batch)

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            count = os.write(self._descriptor, rest)
            self._written += count
            rest = rest[count:]

    def _take_back(self) -> None:
        """Cut off what a failed write left behind."""
        if self._written > self.size:
            os.ftruncate(self._descriptor, self.size)
            self._written = self.size

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


def lock(descriptor: int) -> None:
    """Lock a file against other writers, unless its file system has no locks; raises BlockingIOError."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise


def holds_nothing(path: Path) -> bool:
    """Return whether a file is empty, or a cassette of headers alone."""
    if path.stat().st_size > MOST_OF_NOTHING:
        return False
    try:
        with Cassette.open(path) as cassette:
            return not cassette.torn and all(
                isinstance(record, model.Header) for record in cassette.records()
            )
    except CassetteError:
        return not path.stat().st_size


def _torn(path: Path) -> int:
    with Cassette.open(path) as cassette:
        return cassette.torn


def _linked(descriptor: int) -> Path | None:
    """The path of an open file where the system tells it, as Linux does."""
    try:
        return Path(f"/proc/self/fd/{descriptor}").readlink()
    except OSError:
        return None


def _write_all(descriptor: int, data: bytes) -> int:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    return len(data)
