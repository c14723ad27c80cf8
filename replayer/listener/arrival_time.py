"""Finds out when bytes arrived on a connection, from the kernel's time stamp.

The times of a schedule count from the arrival of the request. An event loop that was asleep or busy reads it some
tenths of a millisecond later, and every event of the response would be late by as much. Linux stamps each packet and
returns the stamp with the data. Elsewhere, and where a stamp is implausible, the time of reading is used:

    stamp, on the timers' clock    time of reading    arrival
    1 000 000                      1 000 300          1 000 000
    none                           1 000 300          1 000 300
    1 000 400                      1 000 300          1 000 300    later than it was read: the time of day was set
    400                            1 000 300          400          within a second
    400                            9 000 000          9 000 000    more than a second ago
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys

from foundation.clock import SECOND, from_wall

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python names it from 3.14 on
TIMESPEC = struct.Struct("@ll")

ROOM = socket.CMSG_SPACE(TIMESPEC.size) if sys.platform == "linux" else 0
"""Bytes of room that a stamp needs beside the data."""


def stamp_arrivals(listener: socket.socket) -> None:
    """Have the kernel stamp what arrives on the connections that this socket accepts, where it supports that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def time_of(stamp: bytes) -> int | None:
    """Return the time of a kernel's stamp, in microseconds of the monotonic clock; None when it is no stamp."""
    if len(stamp) != TIMESPEC.size:
        return None
    seconds, nanoseconds = TIMESPEC.unpack(stamp)
    return from_wall(seconds * 10**9 + nanoseconds)


def arrival(stamped: int | None, now: int) -> int:
    """Return the time of the stamp if it is within the second before `now`, otherwise `now`."""
    return stamped if stamped is not None and now - SECOND < stamped < now else now
