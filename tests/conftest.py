"""What several folders' tests share: servers and clients without manners, on real sockets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

import hypothesis
import pytest

from tests.raw_server import RawServer, Talk, read_request

# The same examples each time: a failure in CI is one that anybody can repeat.
hypothesis.settings.register_profile(
    "chatreel", derandomize=True, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("chatreel")


@pytest.fixture
def raw_server() -> Iterator[Callable[[Talk], RawServer]]:
    """Starts servers that say exactly what a test wants said."""
    with contextlib.ExitStack() as stack:

        def start(talk: Talk) -> RawServer:
            return stack.enter_context(RawServer(talk))

        yield start


@pytest.fixture(name="read_request")
def read_request_fixture() -> Callable[[socket.socket], bytes]:
    return read_request
