from __future__ import annotations

import pytest

from cassettes.redaction.redactor import Redactor
from comparison.monitor.exchange_assembler import LONGEST, ExchangeAssembler
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
def assembler():
    return ExchangeAssembler(Redactor(key=b"k" * 32))


def test_an_exchange_is_there_when_it_has_ended(assembler):
    *most, last = [(7, event) for event in events()]
    assert [one for event in most for one in assembler.feed([event])] == []
    assert assembler.open == 1
    [exchange] = assembler.feed([last])
    assert (exchange.number, exchange.body, exchange.end.how, assembler.open) == (
        7,
        b'{"a": 1}',
        "complete",
        0,
    )


def test_secrets_are_replaced(assembler):
    [exchange] = assembler.feed([(0, event) for event in events(b'{"password": "t0ps3cr3t"}')])
    assert "t0ps3cr3t" not in exchange.request.url
    assert b"t0ps3cr3t" not in exchange.body


def test_what_was_dropped_is_counted_and_what_lacks_parts_says_so(assembler):
    refused = [EventsLost(0, 3, 100, "too much"), EventsLost(1, 1, 10, "too much"), ResponseEnd(2)]
    assert list(assembler.feed([(0, event) for event in refused])) == []
    assert (assembler.refused, assembler.given_up) == (1, 0)
    whole = [(1, event) for event in events()]
    [exchange] = assembler.feed([*whole[:4], (1, EventsLost(3, 1, 8, "too much")), *whole[5:]])
    assert [loss.reason for loss in exchange.losses] == ["too much"]


def test_a_large_answer_lacks_the_rest():
    assembler = ExchangeAssembler(Redactor(key=b"k" * 32), largest_body=10)
    chunks = [(0, ResponseData(3, b"x" * 8))] * 4
    whole = [(0, event) for event in events()]
    [exchange] = assembler.feed([*whole[:4], *chunks, whole[-1]])
    assert len(exchange.body) <= 10
    assert len(exchange.losses) == 1


def test_an_exchange_that_never_ends_is_let_go(assembler):
    list(assembler.feed([(0, event) for event in events()[:4]]))
    list(assembler.feed([(1, RequestHead(LONGEST + 1, "GET", "http://bot/", "1.1", ()))]))
    assert (assembler.open, assembler.given_up) == (1, 1)
    assert list(assembler.feed([(0, event) for event in events()[4:]])) == []
