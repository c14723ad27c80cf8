"""A client of many streams at once that notes when each event arrived, and costs little.

The time of an arrival is the one that the kernel stamped on the packet, so that it measures the server and
not how busy this client was. It is turned into microseconds of the monotonic clock, which all processes share.
"""

from __future__ import annotations

import gc
import re
import select
import socket
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from foundation.clock import SECOND, SYSTEM

type Address = tuple[str, int]

SO_TIMESTAMPNS = 35  # asm-generic/socket.h: Python does not name it
TIMESPEC = struct.Struct("@qq")
READ = 256 << 10
SILENCE = 10
"""Seconds without any event after which a run has failed."""

EVENT = re.compile(rb"data: ([^\n]*)\n\n")


class MeasuredStream:
    """One request, sent at `sent_at` in microseconds, and its response."""

    def __init__(self, connection: socket.socket) -> None:
        self.sent_at = 0
        self._connection = connection
        self._arrived: list[tuple[bytes, int, bytes]] = []  # a timespec, when it was taken, and data

    def send(self, request: bytes) -> None:
        """Send the request."""
        self.sent_at = SYSTEM.now()
        self._connection.sendall(request)

    def receive(self) -> bool:
        """Read what has arrived; returns False when the server has ended the stream."""
        data, notes, _, _ = self._connection.recvmsg(READ, 64)
        if not data:
            self._connection.close()
            return False
        # The kernel takes a while to begin with its stamps: the first packet can be without one.
        self._arrived.append((notes[0][2] if notes else b"", SYSTEM.now(), data))
        return True

    def events(self) -> list[tuple[int, bytes]]:
        """For each event the monotonic microseconds when its last byte arrived, and its data."""
        shift = wall_minus_monotonic()
        times = [nanoseconds(stamp) // 1000 - shift if stamp else taken for stamp, taken, _ in self._arrived]
        ends = list(accumulate(len(data) for *_, data in self._arrived))
        chunks = list(unchunked(b"".join(data for *_, data in self._arrived)))
        reached = list(accumulate(len(chunk) for _, chunk in chunks))
        return [
            (times[bisect_left(ends, chunks[bisect_left(reached, found.end())][0])], found[1])
            for found in EVENT.finditer(b"".join(chunk for _, chunk in chunks))
        ]


def unchunked(response: bytes) -> Iterator[tuple[int, bytes]]:
    """For each HTTP chunk of a response the offset of its end, and its data."""
    place = response.index(b"\r\n\r\n") + 4
    while (line := response.find(b"\r\n", place)) > 0:
        begin = line + 2
        place = begin + int(response[place:line], 16)
        yield place, response[begin:place]
        place += 2


def watch(address: Address, request: bytes, starts: Sequence[int]) -> list[MeasuredStream]:
    """Send a request at each start, in microseconds from now, and read all responses to their ends."""
    connections = [connect(address) for _ in starts]
    streams = {connection.fileno(): MeasuredStream(connection) for connection in connections}
    result = list(streams.values())
    waiting = sorted(zip(starts, streams, strict=True), reverse=True)
    gc.disable()  # a collection would come between an event and its successor
    try:
        with select.epoll() as poll:
            read_all(poll, streams, waiting, request)
    finally:
        gc.enable()
        for connection in connections:
            connection.close()
    return result


def read_all(
    poll: select.epoll, streams: dict[int, MeasuredStream], waiting: list[tuple[int, int]], request: bytes
) -> None:
    """Send each request when it is due, and read until every stream has ended. Raises TimeoutError."""
    began = SYSTEM.now()
    while streams:
        while waiting and waiting[-1][0] <= SYSTEM.now() - began:
            _, descriptor = waiting.pop()
            poll.register(descriptor, select.EPOLLIN)
            streams[descriptor].send(request)
        ready = poll.poll((waiting[-1][0] - (SYSTEM.now() - began)) / SECOND if waiting else SILENCE)
        if not ready and not waiting:
            raise TimeoutError(f"{len(streams)} streams have not ended, and nothing comes")
        for descriptor, _ in ready:
            if not streams[descriptor].receive():
                del streams[descriptor]


def connect(address: Address) -> socket.socket:
    """A connection whose arrivals the kernel stamps."""
    connection = socket.create_connection(address, timeout=SILENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    return connection


def nanoseconds(timespec: bytes) -> int:
    """A `struct timespec` of the kernel as one number."""
    seconds, rest = TIMESPEC.unpack(timespec)
    return int(seconds) * 10**9 + int(rest)


def wall_minus_monotonic() -> int:
    """Microseconds between the two clocks; it changes only when somebody sets the machine's time."""
    return round(SYSTEM.wall().timestamp() * SECOND) - SYSTEM.now()
