"""Faults that a request asks for itself."""

from __future__ import annotations

import json

import msgspec
import pytest

from foundation.clock import SYSTEM
from replayer.faults.injection.injector import HEADER, FaultInjector
from replayer.faults.language.plan import FaultPlan
from replayer.http1.encoder import USUAL
from replayer.http1.incoming import Incoming
from replayer.responder import ReplayOptions
from tests.replayer.faults.apply_faults import request

HEADERS = (("Content-Type", "text/plain"), ("Content-Length", "3"))


@pytest.fixture
def ask(make_exchange):
    def ask(server, *headers: str) -> bytes:
        lines = "".join(f"X-Chatreel-Fault: {line}\r\n" for line in headers)
        return server.ask(f"GET /s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{lines}\r\n".encode())

    return ask


@pytest.fixture
def exchange(make_exchange):
    return make_exchange([(0, b"abc")], HEADERS)


def test_a_request_gets_the_faults_that_it_asks_for_and_the_next_does_not(replay, exchange, ask):
    server = replay(exchange, admin=("127.0.0.1", 0))
    assert ask(server, "truncate after-bytes=1").endswith(b"\r\n\r\na")
    assert ask(server).endswith(b"\r\n\r\nabc")
    entries = json.loads(server.admin("/journal").partition(b"\r\n\r\n")[2])["entries"]
    assert [entry["faults"] for entry in entries] == [["truncate after-bytes=1"], []]


def test_they_come_after_those_of_the_plan_in_their_order(replay, exchange, ask):
    server = replay(exchange, faults=["header set=X-Plan:1"])
    reply = ask(server, "header set=X-One:1", "header set=X-Two:2")
    assert b"X-Plan: 1\r\nX-One: 1\r\nX-Two: 2\r\n" in reply


def test_requests_that_ask_for_the_same_are_counted_together(replay, exchange, ask):
    server = replay(exchange)
    bodies = [ask(server, line)[-3:] for line in ["status code=503 nth=2", "status code=503 nth=3"] * 3]
    assert [body == b"abc" for body in bodies] == [True, True, False, True, True, False]


def test_they_are_counted_anew_when_another_plan_holds(replay, exchange, ask):
    server = replay(exchange, admin=("127.0.0.1", 0))
    assert ask(server, "status code=503 nth=2").endswith(b"abc")
    server.admin("/faults", "DELETE")
    assert ask(server, "status code=503 nth=2").endswith(b"abc")
    assert ask(server, "status code=503 nth=2").startswith(b"HTTP/1.1 503 ")


def test_the_counts_of_the_headers_that_were_used_longest_ago_are_forgotten():
    injector = FaultInjector(FaultPlan(), header=True, clock=SYSTEM, say=pytest.fail, most_header_plans=2)

    def is_hit(line: str) -> bool:
        asking = msgspec.structs.replace(request(), headers=((HEADER, line),))
        return bool(injector.hits(injector.visit(Incoming(asking, USUAL, keep_alive=True))))

    lines = [f"status code={code} nth=2" for code in (500, 501, 500, 502, 500, 501)]
    assert [is_hit(line) for line in lines] == [False, False, True, False, False, False]


def test_a_fault_that_is_none_is_a_bad_request(replay, exchange, ask):
    reply = ask(replay(exchange), "rest after-bytes=1")
    assert reply.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert "did you mean 'reset'?" in json.loads(reply.partition(b"\r\n\r\n")[2])["error"]


def test_without_leave_the_header_has_no_effect_and_this_is_said_once(replay, exchange, ask):
    server = replay(exchange, options=ReplayOptions())
    for _ in range(2):
        assert ask(server, "truncate after-bytes=1").endswith(b"\r\n\r\nabc")
    assert server.said == ["warning: X-Chatreel-Fault has no effect without --allow-fault-header"]


def test_a_large_answer_is_cut_as_fine_as_wanted(replay, make_exchange, ask):
    server = replay(make_exchange([(0, b"x" * 300_000)], (("Content-Length", "300000"),)))
    reply = ask(server, "slice size=1")
    assert reply.partition(b"\r\n\r\n")[2] == b"1\r\nx\r\n" * 300_000 + b"0\r\n\r\n"
