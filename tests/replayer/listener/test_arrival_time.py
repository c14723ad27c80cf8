from __future__ import annotations

import asyncio
import socket
import sys

import pytest

from foundation.clock import SECOND, SYSTEM, from_wall
from foundation.timers import LoopTimers
from replayer.listener.arrival_time import TIMESPEC, arrival, stamp_arrivals, time_of
from replayer.listener.client_stream import ClientStream


def received(then):
    """What `then` says of a stream that has read something, the time it was sent, and the timers."""

    async def main():
        loop = asyncio.get_running_loop()
        timers = LoopTimers(loop, SYSTEM)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            stamp_arrivals(listener)
            with socket.create_connection(listener.getsockname()) as client:
                read = loop.create_future()
                stream = ClientStream(listener.accept()[0], read.set_result, lambda: None)
                stream.read(wanted=True)
                sent = timers.now()
                client.sendall(b"hello")
                assert await read == b"hello"
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
    class Later:
        """Half a second after the bytes were sent, however long it takes until they are read."""

        def __init__(self, sent):
            self.time = sent + SECOND // 2

        def now(self):
            return self.time

    # A busy machine can take longer than that, and the kernel begins to stamp a moment after it was asked to.
    assert any(
        received(lambda stream, sent, _timers: stream.arrived(Later(sent)) < sent + SECOND // 2)
        for _ in range(50)
    )


@pytest.mark.parametrize(
    ("stamped", "now", "expected"),
    [
        (1_000_000, 1_000_300, 1_000_000),
        (None, 1_000_300, 1_000_300),
        (1_000_400, 1_000_300, 1_000_300),
        (400, 1_000_300, 400),
        (400, 9_000_000, 9_000_000),
    ],
)
def test_a_stamp_counts_when_it_is_of_the_last_second(stamped, now, expected):
    assert arrival(stamped, now) == expected


@pytest.mark.parametrize("stamp", [b"", b"odd"])
def test_what_is_no_stamp_has_no_time(stamp):
    assert time_of(stamp) is None


def test_a_stamp_has_the_time_of_day():
    seconds, nanoseconds = divmod(round(SYSTEM.wall().timestamp() * 10**9), 10**9)
    assert abs(time_of(TIMESPEC.pack(seconds, nanoseconds)) - SYSTEM.now()) < SECOND


def test_the_time_of_day_as_monotonic_time():
    wall = round(SYSTEM.wall().timestamp() * 10**9)
    assert abs(from_wall(wall) - SYSTEM.now()) < SECOND
