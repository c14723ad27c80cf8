"""Keeps the checksums of an AWS event stream right whose bytes are changed at equal length, as redaction changes them.

Where the checksum of a frame was wrong, it stays. Bytes go on at once, apart from a checksum and the beginning
of a frame, of which four and twelve bytes are held back until they are whole:

    before  frame("password": "hunter2")  checksum of that      after  frame("password": "ohnhkx1")  checksum of this
"""

from __future__ import annotations

from zlib import crc32

from cassettes.framings.aws_event_stream import CHECKSUM, PRELUDE, frame_length


class ChecksumKeeper:
    """Is fed the bytes before and after a change; the latter may lag behind."""

    def __init__(self) -> None:
        self._before, self._after = bytearray(), bytearray()
        self._left: int | None = None  # bytes of the frame before its checksum, None where no frame has begun
        self._sums = (0, 0)
        self._broken = False  # behind a wrong length no frame can be found

    def feed(self, before: bytes, after: bytes) -> bytes:
        """Return the changed bytes that can go on, with the checksums that they need."""
        self._before += before
        self._after += after
        written = bytearray()
        while not self._broken and self._step(written):
            pass
        if self._broken:
            written += self._after
            self._after.clear()
            self._before.clear()
        return bytes(written)

    def rest(self) -> bytes:
        """Return what is held back at the end: a frame that is not whole."""
        rest = bytes(self._after)
        self._after.clear()
        return rest

    def _step(self, written: bytearray) -> bool:
        """Go over the next part that is whole; returns whether there was one."""
        if self._left is None:
            return self._begin()
        if self._left:
            return self._copy(written, min(self._left, len(self._after)))
        if min(len(self._before), len(self._after)) < CHECKSUM.size:
            return False
        was_right = CHECKSUM.pack(self._sums[0]) == self._before[: CHECKSUM.size]
        written += CHECKSUM.pack(self._sums[1]) if was_right else self._after[: CHECKSUM.size]
        self._drop(CHECKSUM.size)
        self._left, self._sums = None, (0, 0)
        return True

    def _begin(self) -> bool:
        if len(self._before) < PRELUDE.size:
            return False
        length = frame_length(self._before[: PRELUDE.size])
        self._broken = length is None
        self._left = None if length is None else length - CHECKSUM.size
        return not self._broken

    def _copy(self, written: bytearray, size: int) -> bool:
        assert self._left is not None
        before, after = self._before[:size], self._after[:size]
        self._sums = crc32(before, self._sums[0]), crc32(after, self._sums[1])
        written += after
        self._left -= size
        self._drop(size)
        return size > 0

    def _drop(self, size: int) -> None:
        del self._before[:size], self._after[:size]
