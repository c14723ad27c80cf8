"""A client's connection with TLS: the same as a `ClientStream`, whose bytes are decrypted and encrypted on the way.

OpenSSL works on buffers here, not on the socket, so that the times of arrival, the writes and the end of a connection
stay those of the plain stream. One piece of a player is one or more TLS records at once; nothing is held back.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable

from foundation.timers import Timers
from replayer.listener.client_stream import READ, ClientStream


class TlsStream:
    """One connection; see ClientStream. A client that fails in the handshake is told so in TLS before the end."""

    __slots__ = ("_finished", "_incoming", "_open", "_outgoing", "_plain", "_received", "_tls")

    def __init__(
        self,
        accepted: socket.socket,
        received: Callable[[bytes], object],
        ended: Callable[[], object],
        context: ssl.SSLContext,
    ) -> None:
        self._plain = ClientStream(accepted, self._decrypt, ended)
        self._received = received
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._open = False  # the handshake is done
        self._finished = False  # this side has said that no more follows

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._plain.closed

    @property
    def reading(self) -> bool:
        """Whether what arrives is read."""
        return self._plain.reading

    def read(self, *, wanted: bool) -> None:
        """Read what arrives from now on, or leave it in the kernel."""
        self._plain.read(wanted=wanted)

    def arrived(self, timers: Timers) -> int:
        """Return when the bytes that were read last arrived, in microseconds of the timers' clock."""
        return self._plain.arrived(timers)

    def write(self, data: bytes) -> bool:
        """Send bytes; returns False when some of them wait for the kernel, or when the connection has ended."""
        if self.closed or not self._open:
            return False
        if data:
            self._tls.write(data)
        return self._flush()

    def when_drained(self, call: Callable[[], object]) -> None:
        """Call `call()` once all that was written is sent; never, when the connection ends before."""
        self._plain.when_drained(call)

    def set_option(self, level: int, option: int, value: bytes) -> None:
        """Set an option of the socket; raises OSError."""
        self._plain.set_option(level, option, value)

    def end_writing(self) -> None:
        """Tell the client that no more follows (close_notify), and close this side; raises OSError."""
        self._finished = True
        with contextlib.suppress(ssl.SSLError):  # it wants to read the client's own, which is not waited for
            self._tls.unwrap()
        self._flush()
        self._plain.end_writing()

    def close(self) -> None:
        """Close the connection at once."""
        self._plain.close()

    def _decrypt(self, data: bytes) -> None:
        if self._finished:  # what a client still sends must not end the connection before it has read all
            return
        self._incoming.write(data)
        try:
            if not self._open:
                self._tls.do_handshake()
                self._open = True
            while not self.closed:
                plain = self._tls.read(READ)
                if not plain:  # close_notify
                    self.close()
                    return
                self._received(plain)
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError:
            self._flush()
            self.close()

    def _flush(self) -> bool:
        """Send what OpenSSL has encrypted."""
        return self._plain.write(self._outgoing.read()) if self._outgoing.pending else True
