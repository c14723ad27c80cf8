from __future__ import annotations

import socket
import threading

from chatreel.cli.waiting import wait_for_listener
from foundation.clock import SECOND, SYSTEM


class Sleeper:
    """A clock whose time passes only while one sleeps, and which does something then."""

    def __init__(self, on_sleep) -> None:
        self._on_sleep = on_sleep
        self._now = 0

    def now(self) -> int:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += round(seconds * SECOND)
        self._on_sleep()

    def wall(self):
        return SYSTEM.wall()


def free_address() -> tuple[str, int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()


def test_it_waits_until_something_listens() -> None:
    address = free_address()
    servers = []
    clock = Sleeper(lambda: servers or servers.append(socket.create_server(address)))
    wait_for_listener(f"http://127.0.0.1:{address[1]}/path", 60 * SECOND, clock)
    assert clock.now() < SECOND
    servers[0].close()


def test_it_gives_up_in_time_and_leaves_the_error_to_what_follows() -> None:
    slept = threading.Event()
    clock = Sleeper(slept.set)
    wait_for_listener(f"http://127.0.0.1:{free_address()[1]}", SECOND // 5, clock)
    assert SECOND // 5 <= clock.now() < SECOND


def test_without_patience_nothing_is_asked() -> None:
    wait_for_listener("http://no.such.host.invalid", 0)
