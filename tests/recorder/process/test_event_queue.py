from __future__ import annotations

import threading

import pytest

from recorder.assembly import (
    Broken,
    EventsLost,
    RequestData,
    RequestEnd,
    RequestHead,
    ResponseData,
    ResponseEnd,
    ResponseHead,
    TrafficEvent,
)
from recorder.process.event_queue import ITEM, EventQueue

DATA = ResponseData(3, b"x" * 100)
HEAD = RequestHead(1, "GET", "http://h/", "1.1", (("a", "b"),))


def filled(room: int = 0) -> EventQueue:
    """An intake that has room for `room` bytes more."""
    intake = EventQueue(10_000 + room)
    intake.put(0, RequestData(0, b"x" * (10_000 - ITEM)))
    intake.take()
    intake.put(0, RequestData(0, b"x" * (10_000 - ITEM)))
    return intake


def test_events_come_out_in_the_order_in_which_they_went_in():
    intake = EventQueue(1 << 20)
    events = [(number % 3, ResponseData(number, b"%d" % number)) for number in range(100)]
    for exchange, event in events:
        intake.put(exchange, event)
    assert intake.take() == events
    assert intake.take() == []


def test_arrival_is_told():
    intake = EventQueue(1 << 20)
    assert not intake.arrived.is_set()
    intake.put(0, DATA)
    assert intake.arrived.is_set()
    intake.take()
    assert not intake.arrived.is_set()


@pytest.mark.parametrize("event", [DATA, RequestData(3, b"x" * 100), HEAD], ids=lambda e: type(e).__name__)
def test_bulk_is_refused_when_full_and_counted_before_the_next_event(event: TrafficEvent):
    intake = filled()
    size = len(getattr(event, "data", b""))
    intake.put(1, event)
    intake.put(1, event)
    assert [exchange for exchange, _ in intake.take()] == [0]
    intake.put(1, RequestEnd(9))
    assert intake.take() == [(1, EventsLost(9, 2, 2 * size, "the disk was too slow")), (1, RequestEnd(9))]
    intake.put(1, DATA)
    assert intake.take() == [(1, DATA)]


@pytest.mark.parametrize(
    "event",
    [RequestEnd(3), ResponseHead(3, 200, "OK", "1.1", ()), ResponseEnd(3), Broken(3, "reset")],
    ids=lambda event: type(event).__name__,
)
def test_what_turns_an_exchange_is_taken_even_when_full(event: TrafficEvent):
    intake = filled()
    intake.put(1, event)
    assert intake.take()[1:] == [(1, event)]


def test_exchanges_are_counted_apart():
    intake = filled()
    for exchange, times in ((1, 2), (2, 3)):
        for _ in range(times):
            intake.put(exchange, DATA)
    intake.put(2, ResponseEnd(5))
    intake.put(1, ResponseEnd(6))
    assert intake.take()[1:] == [
        (2, EventsLost(5, 3, 300, "the disk was too slow")),
        (2, ResponseEnd(5)),
        (1, EventsLost(6, 2, 200, "the disk was too slow")),
        (1, ResponseEnd(6)),
    ]


def test_what_was_refused_last_is_said_at_the_end():
    intake = filled()
    intake.put(1, DATA)
    intake.append_losses(8)
    intake.append_losses(9)
    assert intake.take()[1:] == [(1, EventsLost(8, 1, 100, "the disk was too slow"))]


def test_a_small_event_passes_where_a_large_one_does_not():
    intake = filled(room=ITEM + 10)
    intake.put(1, DATA)
    intake.put(2, ResponseData(4, b"small"))
    assert [event for _, event in intake.take()[1:]] == [ResponseData(4, b"small")]


def test_headers_are_part_of_the_bound():
    intake = filled(room=10 * ITEM)
    intake.put(1, RequestHead(1, "GET", "http://h/", "1.1", (("a", "b"),) * 10))
    assert len(intake.take()) == 1


def test_all_memory_is_given_back():
    intake = EventQueue(1000)
    for _ in range(50):
        for event in (HEAD, DATA, ResponseData(1, b"y" * 900), ResponseEnd(4), Broken(5, "reset")):
            intake.put(1, event)
        intake.take()
        assert intake.size == 0
    intake.put(1, ResponseData(1, b"y" * (1000 - ITEM)))
    assert len(intake.take()) == 1, "all of the bound is free again"


def test_nothing_is_lost_between_two_threads():
    intake = EventQueue(1 << 30)
    count, taken = 20_000, []

    def produce() -> None:
        for number in range(count):
            intake.put(0, ResponseData(number, b""))

    producer = threading.Thread(target=produce)
    producer.start()
    while len(taken) < count:
        assert intake.arrived.wait(10)
        taken += intake.take()
    producer.join()
    assert [event.at for _, event in taken] == list(range(count))
