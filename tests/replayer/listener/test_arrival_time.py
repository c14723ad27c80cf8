from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from foundation.clock import SECOND, SYSTEM, from_wall
from foundation.timers import LoopTimers
from replayer.listener.arrival_time import TIMESPEC, StampedStream, stamp_arrivals


def received(then):
    """What `then` says of a stream that has read something, the time it was sent, and the timers."""

    async def main():
        timers = LoopTimers(asyncio.get_running_loop(), SYSTEM)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            stamp_arrivals(listener)
            with socket.create_connection(listener.getsockname()) as client:
                stream = StampedStream(listener.accept()[0])
                sent = timers.now()
                client.sendall(b"hello")
                assert await stream.read_bytes(5) == b"hello"
                try:
                    return then(stream, sent, timers)
                finally:
                    stream.close()
                    timers.close()

    return asyncio.run(main())


def test_bytes_arrived_after_they_were_sent_and_before_they_were_read():
    sent, arrived, read = received(lambda stream, sent, timers: (sent, stream.arrived(timers), timers.now()))
    assert sent - 1000 <= arrived <= read  # the two clocks are not read in one instant


@pytest.mark.skipif(sys.platform != "linux", reason="Linux stamps")
def test_the_kernel_stamps_what_arrives():
    def then(stream, _sent, timers):
        timers._clock = type("Later", (), {"now": lambda _self: SYSTEM.now() + SECOND // 2})()
        return timers.now() - stream.arrived(timers)

    assert received(then) >= SECOND // 2


@pytest.mark.parametrize("stamp", [b"", b"odd", TIMESPEC.pack(0, 0), TIMESPEC.pack(2**40, 0)])
def test_without_a_sensible_stamp_it_is_when_they_were_read(stamp):
    def then(stream, _sent, timers):
        stream._stamp = stamp
        before = timers.now()
        return before <= stream.arrived(timers) <= timers.now()

    assert received(then)


def test_the_time_of_day_as_monotonic_time():
    wall = round(SYSTEM.wall().timestamp() * 10**9)
    assert abs(from_wall(wall) - SYSTEM.now()) < SECOND
