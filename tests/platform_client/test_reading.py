"""The reading thread and its queue."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from foundation.clock import SYSTEM
from platform_client.cancellation import Cancellation
from platform_client.events import ClientEvent
from platform_client.reading import Produce, read_in_thread


def numbered(number: int) -> ClientEvent:
    return ClientEvent("progress", str(number))


def read(produce: Produce, queue_size: int = 100) -> Generator[ClientEvent]:
    return read_in_thread(produce, queue_size, 60, SYSTEM)


def test_a_slow_consumer_gets_every_event() -> None:
    offered: list[int] = []

    def produce(_: Cancellation) -> Generator[ClientEvent]:
        for number in range(2000):
            offered.append(number)
            yield numbered(number)

    events = read(produce, queue_size=3)
    for number, event in enumerate(events):
        assert event == numbered(number)
        assert (
            len(offered) <= number + 6
        )  # those in the queue, one on each side of it, and one that waits for room
    assert number == 1999


def test_a_defect_in_the_thread_is_raised_where_the_events_are_read() -> None:
    def produce(_: Cancellation) -> Generator[ClientEvent]:
        yield numbered(0)
        raise LookupError("a defect")

    events = read(produce)
    assert next(events) == numbered(0)
    with pytest.raises(LookupError, match="a defect"):
        next(events)


def test_closing_early_closes_what_the_thread_runs() -> None:
    closed = threading.Event()

    def produce(cancellation: Cancellation) -> Generator[ClientEvent]:
        try:
            while True:
                yield numbered(0)
        finally:
            closed.set()

    events = read(produce)
    next(events)
    events.close()
    assert closed.is_set()


def test_closing_ends_a_thread_that_waits_for_room() -> None:
    closed, full = threading.Event(), threading.Event()

    def produce(_: Cancellation) -> Generator[ClientEvent]:
        try:
            yield numbered(0)
            yield numbered(1)
            full.set()
            yield numbered(2)
        finally:
            closed.set()

    events = read(produce, queue_size=1)
    next(events)
    assert full.wait(10)
    events.close()
    assert closed.wait(10)
