from __future__ import annotations

import pytest

from cassettes.redaction import Redactor
from comparison.monitor import gathering
from comparison.monitor.gathering import Gathering
from recorder.assembly import (
    EventsLost,
    RequestData,
    RequestEnd,
    RequestHead,
    ResponseData,
    ResponseEnd,
    ResponseHead,
)

JSON = (("Content-Type", "application/json"),)


def events(data: bytes = b'{"a": 1}', at: int = 0):
    return [
        RequestHead(at, "POST", "http://bot/x?token=t0ps3cr3t", "1.1", ()),
        RequestData(at, b"hi"),
        RequestEnd(at + 1),
        ResponseHead(at + 2, 200, "OK", "1.1", JSON),
        ResponseData(at + 3, data),
        ResponseEnd(at + 4),
    ]


@pytest.fixture
def gather():
    return Gathering(Redactor(key=b"k" * 32))


def test_an_exchange_is_there_when_it_has_ended(gather):
    *most, last = [(7, event) for event in events()]
    assert [one for event in most for one in gather.feed([event])] == []
    assert gather.open == 1
    [exchange] = gather.feed([last])
    assert (exchange.number, exchange.body, exchange.end.how, gather.open) == (7, b'{"a": 1}', "complete", 0)


def test_secrets_are_replaced(gather):
    [exchange] = gather.feed([(0, event) for event in events(b'{"password": "t0ps3cr3t"}')])
    assert "t0ps3cr3t" not in exchange.request.url
    assert b"t0ps3cr3t" not in exchange.body


def test_what_was_dropped_is_counted_and_what_lacks_parts_says_so(gather):
    refused = [EventsLost(0, 3, 100, "too much"), EventsLost(1, 1, 10, "too much"), ResponseEnd(2)]
    assert list(gather.feed([(0, event) for event in refused])) == []
    assert (gather.refused, gather.given_up) == (1, 0)
    whole = [(1, event) for event in events()]
    [exchange] = gather.feed([*whole[:4], (1, EventsLost(3, 1, 8, "too much")), *whole[5:]])
    assert [loss.reason for loss in exchange.losses] == ["too much"]


def test_a_large_answer_lacks_the_rest(gather, monkeypatch):
    monkeypatch.setattr(gathering, "LARGEST", 10)
    chunks = [(0, ResponseData(3, b"x" * 8))] * 4
    whole = [(0, event) for event in events()]
    [exchange] = gather.feed([*whole[:4], *chunks, whole[-1]])
    assert len(exchange.body) <= 10
    assert len(exchange.losses) == 1


def test_an_exchange_that_never_ends_is_let_go(gather):
    list(gather.feed([(0, event) for event in events()[:4]]))
    list(gather.feed([(1, RequestHead(gathering.LONGEST + 1, "GET", "http://bot/", "1.1", ()))]))
    assert (gather.open, gather.given_up) == (1, 1)
    assert list(gather.feed([(0, event) for event in events()[4:]])) == []
