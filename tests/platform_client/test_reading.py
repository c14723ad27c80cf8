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


def test_a_full_queue_drops_events_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    consumer_has_one, all_offered = threading.Event(), threading.Event()

    def produce(_: Cancellation) -> Generator[ClientEvent]:
        yield numbered(0)
        consumer_has_one.wait(10)
        yield from map(numbered, range(1, 10))
        all_offered.set()

    events = read(produce, queue_size=3)
    first = next(events)
    consumer_has_one.set()
    assert all_offered.wait(10)
    assert [first, *events] == [numbered(0), numbered(1), numbered(2), numbered(3)]
    assert caplog.messages == ["⚠️ Queue full (3 events): dropped 'progress'"] * 6


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


def test_what_ends_an_answer_is_never_dropped() -> None:
    consumer_has_one, all_offered = threading.Event(), threading.Event()
    ending = [ClientEvent("result", "1"), ClientEvent("result", "2"), ClientEvent("complete", "3")]

    def produce(_: Cancellation) -> Generator[ClientEvent]:
        yield numbered(0)
        consumer_has_one.wait(10)
        yield from map(numbered, range(1, 5))
        yield from ending
        all_offered.set()

    events = read(produce, queue_size=2)
    first = next(events)
    consumer_has_one.set()
    assert all_offered.wait(10)
    assert [first, *events] == [*map(numbered, range(3)), ending[0], ending[2]]
