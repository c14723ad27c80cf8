"""What several folders' tests share: servers and clients without manners, on real sockets."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import hypothesis
import pytest

# The same examples each time: a failure in CI is one that anybody can repeat.
hypothesis.settings.register_profile(
    "chatreel", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("chatreel")

Talk = Callable[[socket.socket], None]


class RawServer:
    """Accepts connections one after the other and lets `talk` do whatever it likes on each."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                self._talk(connection)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)


@pytest.fixture
def raw_server() -> Iterator[Callable[[Talk], RawServer]]:
    """Starts servers that say exactly what a test wants said."""
    with contextlib.ExitStack() as stack:

        def start(talk: Talk) -> RawServer:
            server = RawServer(talk)
            stack.callback(server.close)
            return server

        yield start


def read_request(connection: socket.socket) -> bytes:
    """One request: its head, and a body of the length that the head names."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture(name="read_request")
def read_request_fixture() -> Callable[[socket.socket], bytes]:
    return read_request
