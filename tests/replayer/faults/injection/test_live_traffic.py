"""Faults in the answers of a live upstream, between bare sockets."""

from __future__ import annotations

import json
import queue
import socket
import struct
from dataclasses import dataclass
from typing import Annotated

import pytest

from replayer.faults.fault import Fault
from replayer.faults.language.plan import FaultPlan, plan_of
from replayer.faults.parameter_types import Flag
from replayer.forwarding.miss_policy import MissPolicy
from replayer.responder import ReplayOptions
from replayer.schedule.actions import Idle

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET /live HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
ANY_PORT = ("127.0.0.1", 0)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(number: int) -> bytes:
    return b"event: progress\ndata: %d\n\n" % number


def journal(server):
    _, _, body = server.admin("/journal").partition(b"\r\n\r\n")
    return [(entry["why"], entry["status"], entry["faults"]) for entry in json.loads(body)["entries"]]


@pytest.fixture
def proxy(replay, raw_server, read_request):
    """Starts a fault-injecting reverse proxy, in front of an upstream that sends what it is told to."""

    def start(*faults, plan=None):
        def talk(connection):
            server.requests.append(read_request(connection))
            try:
                while (data := server.script.get(timeout=10)) is not None:
                    connection.sendall(data)
                server.ended.put("asked to")
            except OSError:
                server.ended.put("left")

        server = raw_server(talk)
        server.requests, server.script, server.ended = [], queue.Queue(), queue.Queue()
        front = replay(
            options=ReplayOptions(plan=plan or plan_of(faults)),
            misses=MissPolicy(on_miss="forward", upstream=server.url),
            admin=ANY_PORT,
        )
        front.upstream = server
        return front

    return start


def receive(connection, size):
    received = b""
    while len(received) < size and (data := connection.recv(size - len(received))):
        received += data
    return received


def test_a_stream_passes_chunk_by_chunk_until_a_fault_strikes(proxy):
    server = proxy("truncate after-events=2")
    with server.connect() as connection:
        connection.sendall(GET)
        server.upstream.script.put(STREAM + chunk(event(0)))
        assert receive(connection, len(STREAM + chunk(event(0)))) == STREAM + chunk(event(0))
        server.upstream.script.put(chunk(event(1)))
        assert receive(connection, len(chunk(event(1)))) == chunk(event(1))
        assert connection.recv(1) == b""
    server.upstream.script.put(None)
    assert journal(server) == [("forwarded", 200, ["truncate after-events=2"])]


def test_a_reset_is_a_reset(proxy):
    server = proxy("reset after-events=1")
    with server.connect() as connection:
        connection.sendall(GET)
        server.upstream.script.put(STREAM + chunk(event(0)))
        receive(connection, len(STREAM + chunk(event(0))))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    server.upstream.script.put(None)


def test_a_fault_strikes_in_time_though_nothing_arrives(proxy):
    server = proxy("truncate after-time=50ms")
    server.upstream.script.put(STREAM)
    assert server.ask(GET) == STREAM
    server.upstream.script.put(None)


def test_events_that_no_fault_hits_pass_as_they_are(proxy):
    server = proxy("drop-event nth=2")
    for data in [
        STREAM + chunk(event(0)),
        chunk(event(1)[:9]),
        chunk(event(1)[9:]),
        chunk(event(2)),
        b"0\r\n\r\n",
        None,
    ]:
        server.upstream.script.put(data)
    assert server.ask(GET) == STREAM + chunk(event(0)) + chunk(event(2)) + b"0\r\n\r\n"


def test_an_answer_that_another_one_replaces_is_not_asked_for(proxy):
    server = proxy("status code=503")
    assert server.ask(GET).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert server.upstream.requests == []
    assert journal(server) == [("forwarded", 503, ["status code=503"])]


def test_a_hang_leaves_the_upstream_and_keeps_the_client(proxy):
    server = proxy("hang after-events=1")
    with server.connect() as connection:
        connection.sendall(GET)
        server.upstream.script.put(STREAM + chunk(event(0)))
        receive(connection, len(STREAM + chunk(event(0))))
        while server.upstream.ended.empty():  # bounded by the upstream's own time-out
            server.upstream.script.put(chunk(b"x" * 1000))
        assert server.upstream.ended.get() == "left"
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def test_a_client_that_leaves_during_a_delay_is_noticed(proxy):
    server = proxy("stall after-events=1 time=1h")
    with server.connect() as connection:
        connection.sendall(GET)
        server.upstream.script.put(STREAM + chunk(event(0)))
        receive(connection, len(STREAM + chunk(event(0))))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    while server.upstream.ended.empty():
        server.upstream.script.put(chunk(b"x" * 1000))
    assert server.upstream.ended.get() == "left"


@dataclass(frozen=True, kw_only=True)
class Failing(Fault):
    """Fails when it begins, or on its way."""

    called = "failing"
    example = "failing"

    late: Annotated[Flag, "on its way"] = False

    def begin(self, context):
        return (
            {}["begin"] if not self.late else lambda step: (step,) if isinstance(step, Idle) else {}["feed"]
        )


def test_a_fault_that_cannot_begin_is_told_to_the_client(proxy):
    server = proxy(plan=FaultPlan((Failing(),)))
    reply = server.ask(GET)
    assert reply.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert "fault 'failing' fails: " in json.loads(reply.partition(b"\r\n\r\n")[2])["error"]
    assert [one.rpartition(" ")[2] for one in server.said] == ["'begin'"]


def test_a_fault_that_fails_on_its_way_resets_the_connection(proxy):
    server = proxy(plan=FaultPlan((Failing(late=True),)))
    server.upstream.script.put(STREAM)
    with server.connect() as connection:
        connection.sendall(GET)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert [one.rpartition(" ")[2] for one in server.said] == ["'feed'"]
    server.upstream.script.put(None)
    assert journal(server)[0][:2] == ("forwarded", None)


def test_clients_are_told_apart_by_the_cookies_that_the_upstream_gave_them(proxy):
    server = proxy("expire-session after-requests=2")
    cookie = b"Set-Cookie: sid=%d; Path=/\r\n"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n"
    statuses = []
    for number, sent in enumerate([b"", b"sid=0", b"", b"sid=0", b"sid=2", b"sid=2"]):
        server.upstream.script.put(answer + cookie % number * (not sent) + b"\r\n")
        server.upstream.script.put(None)
        post = GET.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nCookie: %b\r\n\r\n" % sent)
        reply = server.ask(post if sent else GET.replace(b"GET", b"POST"))
        statuses.append(reply.split()[1])
        if statuses[-1] == b"401":
            server.upstream.script.get()
            server.upstream.script.get()
    assert statuses == [b"200", b"200", b"200", b"401", b"200", b"401"]
