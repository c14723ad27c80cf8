"""When bytes arrived, by the kernel's own time stamp.

A schedule counts from the moment when the request had arrived. A loop that was asleep or busy notices that
some tenths of a millisecond later, which every event of the stream would be late by. Linux notes the time on
each packet and tells it with the data; elsewhere, and where the stamp makes no sense, it is when we read.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys

from tornado.iostream import IOStream

from foundation.clock import SECOND, from_wall
from foundation.timers import Timers

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python names it from 3.14 on
TIMESPEC = struct.Struct("@ll")
ROOM = socket.CMSG_SPACE(TIMESPEC.size) if sys.platform == "linux" else 0


def stamp_arrivals(listener: socket.socket) -> None:
    """Have the kernel stamp what arrives on the connections that this socket accepts, where it can."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


class StampedStream(IOStream):
    """A stream that knows when the bytes it read last had arrived."""

    _stamp = b""

    def read_from_fd(self, buf: bytearray | memoryview) -> int | None:
        """Read what is there, and the kernel's note on it."""
        if not ROOM:
            return super().read_from_fd(buf)
        try:
            size, notes, _, _ = self.socket.recvmsg_into([buf], ROOM)
        except BlockingIOError:
            return None
        finally:
            del buf  # as the base class does: an exception would keep it alive
        self._stamp = notes[0][2] if notes else b""
        return size

    def arrived(self, timers: Timers) -> int:
        """When the bytes that were read last had arrived, in microseconds of the timers."""
        now = timers.now()
        if len(self._stamp) != TIMESPEC.size:
            return now
        seconds, nanoseconds = TIMESPEC.unpack(self._stamp)
        stamp = from_wall(seconds * 10**9 + nanoseconds)
        # The time of day can be set, and the first packet can have come before anybody wanted stamps.
        return stamp if now - SECOND < stamp < now else now
