"""A client's socket on the event loop: what arrives is handed on at once, what is written goes to the kernel at once.

Nothing is buffered on the way in: what is not wanted yet stays in the kernel, which slows the client down. On the way
out, only what the kernel does not take at once is kept.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from foundation.timers import Timers
from replayer.listener import arrival_time
from replayer.listener.arrival_time import arrival, time_of

READ = 16 << 10
"""Bytes that are read at once, which also limits how many tiny requests can arrive at once."""


MOST_ACCEPTED = 128
"""Connections that are accepted before others of the loop have their turn."""


class ClientStream:
    """One connection. `received` is called with what arrives, and `ended` once, soon after the connection has ended."""

    __slots__ = (
        "_drained",
        "_ended",
        "_loop",
        "_reading",
        "_received",
        "_socket",
        "_stamp",
        "_unsent",
        "closed",
    )

    def __init__(
        self,
        accepted: socket.socket,
        received: Callable[[bytes], object],
        ended: Callable[[], object],
    ) -> None:
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.closed = False
        self._socket = accepted
        self._received = received
        self._ended = ended
        self._loop = asyncio.get_running_loop()
        self._reading = False
        self._stamp = b""
        self._unsent = b""
        self._drained: Callable[[], object] | None = None

    @property
    def reading(self) -> bool:
        """Whether what arrives is read."""
        return self._reading

    def read(self, *, wanted: bool) -> None:
        """Read what arrives from now on, or leave it in the kernel. While nothing is read, no end is noticed."""
        if wanted == self._reading or self.closed:
            return
        self._reading = wanted
        if wanted:
            self._loop.add_reader(self._socket, self._readable)
        else:
            self._loop.remove_reader(self._socket)

    def arrived(self, timers: Timers) -> int:
        """Return when the bytes that were read last arrived, in microseconds of the timers' clock."""
        return arrival(time_of(self._stamp), timers.now())

    def write(self, data: bytes) -> bool:
        """Send bytes; returns False when some of them wait for the kernel, or when the connection has ended."""
        if self.closed:
            return False
        if self._unsent:
            self._unsent += data
            return False
        sent = self._send(data)
        if sent == len(data):
            return True
        if not self.closed:
            self._unsent = data[sent:]
            self._loop.add_writer(self._socket, self._writable)
        return False

    def when_drained(self, call: Callable[[], object]) -> None:
        """Call `call()` once all that was written is sent; never, when the connection ends before."""
        if self._unsent:
            self._drained = call

    def set_option(self, level: int, option: int, value: bytes) -> None:
        """Set an option of the socket; raises OSError."""
        if not self.closed:
            self._socket.setsockopt(level, option, value)

    def end_writing(self) -> None:
        """Close this side of the connection; raises OSError when it has no other side any more."""
        if not self.closed:
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection at once; what is not sent is dropped."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._reading, self._unsent, self._drained = False, b"", None
        self._socket.close()
        self._loop.call_soon(self._ended)

    def _readable(self) -> None:
        try:
            # A stamp is there where `stamp_arrivals` asked for it.
            data, ancillary, _, _ = self._socket.recvmsg(READ, arrival_time.ROOM)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        if data:
            self._stamp = ancillary[0][2] if ancillary else b""
            self._received(data)
        else:
            self.close()

    def _send(self, data: bytes) -> int:
        """Pass bytes to the kernel; returns how many it took."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:  # the client has left
            self.close()
            return 0

    def _writable(self) -> None:
        self._unsent = self._unsent[self._send(self._unsent) :]
        if self.closed or self._unsent:
            return
        self._loop.remove_writer(self._socket)
        call, self._drained = self._drained, None
        if call is not None:
            call()


def accept_on(listening: socket.socket, accepted: Callable[[socket.socket], object]) -> Callable[[], None]:
    """Call `accepted` with each connection to a listening socket; returns what ends that."""
    loop = asyncio.get_running_loop()

    def accept() -> None:
        for _ in range(MOST_ACCEPTED):
            try:
                connection, _ = listening.accept()
            except BlockingIOError:
                return
            except ConnectionAbortedError:  # the client left before
                continue
            accepted(connection)

    def end() -> None:
        loop.remove_reader(listening)

    loop.add_reader(listening, accept)
    return end
