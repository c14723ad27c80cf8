from __future__ import annotations

import json
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replayer.http1.limits import Bounds
from replayer.listener.connection import CONTINUE
from replayer.responder import Pace

HOUR = 3_600_000_000
LENGTH_2 = (("Content-Length", "2"),)


def get(path="/s", *headers, method="GET", version="1.1"):
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: h", *headers, "", ""]).encode()


CLOSE = "Connection: close"


def read_until(connection, end):
    received = b""
    while not received.endswith(end):
        data = connection.recv(65536)
        assert data, f"the server closed after {received!r}"
        received += data
    return received


def read_exactly(connection, size):
    received = bytearray()
    while len(received) < size:
        received += connection.recv(1 << 20)
    return received


def ok(body, *headers):
    return b"HTTP/1.1 200 OK\r\n" + b"".join(h + b"\r\n" for h in headers) + b"\r\n" + body


@pytest.fixture
def numbered(make_exchange):
    """Exchanges at /0, /1, ...: each answers with its own number in two digits."""

    def make(count):
        return [make_exchange([(0, b"%02d" % n)], LENGTH_2, url=f"http://h/{n}") for n in range(count)]

    return make


def answer(n):
    return ok(b"%02d" % n, b"Content-Length: 2")


def test_chunks_are_exactly_the_recorded_ones(replay, make_exchange):
    chunks = [b"data: 1\n", b"\ndata: \xc3", b"\xa9\n\n", bytes(range(256)) * 300, b"x"]
    headers = (("cOntent-Type", "text/event-stream"), ("Set-Cookie", "a=1"), ("Transfer-Encoding", "chunked"),
               ("set-cookie", "b=2"))  # fmt: skip
    server = replay(make_exchange([(n, data) for n, data in enumerate(chunks)], headers))
    assert server.ask(get("/s", CLOSE)) == ok(
        b"".join(b"%x\r\n%b\r\n" % (len(data), data) for data in chunks) + b"0\r\n\r\n",
        b"cOntent-Type: text/event-stream", b"Set-Cookie: a=1", b"Transfer-Encoding: chunked", b"set-cookie: b=2",
    )  # fmt: skip


def test_frames_go_out_at_their_times_not_all_at_once(replay, make_exchange):
    server = replay(make_exchange([(1_000, b"a"), (HOUR, b"b")], head_at=500), pace=Pace())
    with server.connect() as connection:
        connection.sendall(get())
        assert read_until(connection, b"a\r\n") == ok(b"1\r\na\r\n", b"Transfer-Encoding: chunked")
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def test_keep_alive(replay, numbered):
    server = replay(*numbered(3))
    with server.connect() as connection:
        for n in (2, 0, 1, 2):
            connection.sendall(get(f"/{n}"))
            assert connection.recv(65536) == answer(n)


def test_pipelined_requests_are_answered_in_their_order(replay, numbered):
    server = replay(*numbered(100))
    order = [n * 7 % 100 for n in range(100)]
    stream = b"".join(get(f"/{n}") for n in order) + get("/0", CLOSE)
    assert server.ask(stream) == b"".join(answer(n) for n in [*order, 0])


def test_more_pipelined_requests_than_are_queued_wait_their_turn(replay, make_exchange, numbered):
    slow = make_exchange([(20_000, b"slow")], (("Content-Length", "4"),), url="http://h/slow")
    server = replay(slow, *numbered(1), pace=Pace(), bounds=Bounds(queued=2))
    pad = "X-Pad: " + "x" * 20_000
    with server.connect() as connection:
        connection.sendall(get("/slow"))
        for _ in range(20):
            connection.sendall(get("/0", pad))
        connection.sendall(get("/0", CLOSE))
        expected = ok(b"slow", b"Content-Length: 4") + answer(0) * 21
        assert read_until(connection, expected) == expected


def test_a_pipelined_request_waits_for_the_answer_before_it(replay, make_exchange, numbered):
    first = make_exchange([(5_000, b"a"), (20_000, b"b")], url="http://h/first")
    server = replay(first, *numbered(1), pace=Pace())
    assert server.ask(get("/first") + get("/0", CLOSE)) == (
        ok(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n", b"Transfer-Encoding: chunked") + answer(0)
    )


def test_a_chunked_request_body_is_matched_whole(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2, method="POST", body=b'{"a": 1}'))
    head = get("/s", "Transfer-Encoding: chunked", CLOSE, method="POST")
    body = b'3\r\n{"a\r\n6;x=y\r\n":1.0}\r\n0\r\nTrailer: t\r\n\r\n'
    assert server.ask(head + body) == ok(b"ok", b"Content-Length: 2")


def test_100_continue_is_sent_when_the_body_is_held_back(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2, method="POST", body=b"abc"))
    expecting = get("/s", "Content-Length: 3", "Expect: 100-continue", method="POST")
    with server.connect() as connection:
        connection.sendall(expecting)
        assert read_until(connection, b"\r\n\r\n") == CONTINUE
        connection.sendall(b"ab")
        connection.sendall(b"c")
        assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2")
        connection.sendall(expecting + b"abc")
        assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2")


def test_100_continue_does_not_cut_into_an_answer(replay, make_exchange):
    server = replay(
        make_exchange([(20_000, b"ok")], LENGTH_2),
        make_exchange([(0, b"ok")], LENGTH_2, method="POST", body=b"abc"),
        pace=Pace(),
    )
    with server.connect() as connection:
        connection.sendall(get() + get("/s", "Content-Length: 3", "Expect: 100-continue", method="POST"))
        expected = ok(b"ok", b"Content-Length: 2") + CONTINUE
        assert read_until(connection, expected) == expected
        connection.sendall(b"abc")
        assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2")


def test_head(replay, make_exchange):
    server = replay(make_exchange(headers=(("Content-Length", "77"),), method="HEAD"))
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(get(method="HEAD"))
            assert connection.recv(65536) == ok(b"", b"Content-Length: 77")


@pytest.mark.parametrize("path", ["http://h/s", "http://elsewhere:80/s"])
def test_an_absolute_target(replay, make_exchange, path):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2))
    assert server.ask(get(path, CLOSE)) == ok(b"ok", b"Content-Length: 2")


def test_an_offer_of_another_protocol_is_ignored(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2))
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(get("/s", "Connection: Upgrade", "Upgrade: h2c"))
            assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2")


def test_http_1_0(replay, make_exchange):
    server = replay(make_exchange([(0, b"ab"), (1, b"c")]))
    assert server.ask(b"GET /s HTTP/1.0\r\n\r\n") == ok(b"abc")


def test_http_1_0_that_keeps_the_connection(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2))
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(get("/s", "Connection: keep-alive", version="1.0"))
            assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2", b"Connection: keep-alive")


@pytest.mark.parametrize(
    ("headers", "how", "body"),
    [
        ((("Content-Length", "9"),), "complete", b"ok"),
        ((("Content-Length", "9"),), "server-closed", b"ok"),
        ((), "complete", b"ok"),
        ((("Transfer-Encoding", "chunked"),), "server-closed", b"2\r\nok\r\n"),
        ((("Transfer-Encoding", "chunked"),), "client-closed", b"2\r\nok\r\n"),
        ((("Content-Length", "2"), ("Connection", "close")), "complete", b"ok"),
    ],
)
def test_a_response_after_which_the_connection_closes(replay, make_exchange, headers, how, body):
    server = replay(make_exchange([(0, b"ok")], headers, how=how))
    assert server.ask(get()) == ok(body, *(f"{name}: {value}".encode() for name, value in headers))


def test_a_reset(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], how="reset", end_at=20_000), pace=Pace())
    with server.connect() as connection:
        connection.sendall(get())
        assert read_until(connection, b"ok\r\n") == ok(b"2\r\nok\r\n", b"Transfer-Encoding: chunked")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_no_answer(replay, make_exchange):
    server = replay(make_exchange(answered=False, how="server-closed"))
    assert server.ask(get()) == b""


def test_a_slow_reader_gets_all_of_it(replay, make_exchange):
    chunk = bytes(range(256)) * 4000
    server = replay(make_exchange([(0, chunk)] * 20, (("Content-Length", str(20 * len(chunk))),)))
    with server.connect() as connection:
        connection.sendall(get())
        other = server.ask(get("/s", CLOSE))  # the first client reads nothing until the second has all of it
        assert other.endswith(b"\r\n\r\n" + chunk * 20)
        assert read_exactly(connection, len(other)) == other


def test_a_client_that_leaves_frees_its_stream(replay, make_exchange):
    server = replay(make_exchange([(1, b"a"), (HOUR, b"b")]), pace=Pace(), admin=("127.0.0.1", 0))
    connections = [server.connect() for _ in range(3)]
    for connection in connections:
        connection.sendall(get())
        read_until(connection, b"a\r\n")
    assert b'"open_streams": 3' in server.admin()
    connections[0].close()
    connections[1].shutdown(socket.SHUT_WR)
    connections[1].close()
    while b'"open_streams": 1' not in server.admin():
        pass
    connections[2].close()


def test_a_malformed_request_gets_400_and_harms_nobody(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2))
    with server.connect() as other:
        other.sendall(get()[:10])
        refused = server.ask(get() + b"\x16\x03\x01nonsense\r\n\r\n" + get())
        assert refused.startswith(ok(b"ok", b"Content-Length: 2") + b"HTTP/1.1 400 Bad Request\r\n")
        assert refused.count(b"HTTP/1.1") == 3  # one of them in the explanation
        other.sendall(get()[10:])
        assert other.recv(65536) == ok(b"ok", b"Content-Length: 2")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (get("/s", "X: " + "x" * 70_000), 431),
        (get("/" + "x" * 70_000), 431),
        (get("/s", "Content-Length: 1001", method="POST"), 413),
        (get("/s", "Content-Length: 1001", "Expect: 100-continue", method="POST"), 413),
        (get("/s", "Transfer-Encoding: chunked", method="POST") + b"7d0\r\n" + b"x" * 2000, 413),
        (get("h:443", method="CONNECT"), 501),
    ],
)
def test_what_is_too_much_is_refused(replay, make_exchange, request_bytes, status):
    server = replay(make_exchange(), bounds=Bounds(body=1000))
    head, _, body = server.ask(request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nConnection: close" in head
    assert json.loads(body)["error"]


def test_the_refusal_of_a_large_body_arrives_while_it_is_still_sent(replay, make_exchange):
    server = replay(make_exchange(), bounds=Bounds(body=1000))
    with server.connect() as connection:
        connection.sendall(get("/s", "Content-Length: 8000000", method="POST"))
        connection.sendall(b"x" * 8_000_000)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while data := connection.recv(65536):
            received += data
    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_request_that_does_not_arrive_in_time(replay, make_exchange):
    server = replay(make_exchange(), bounds=Bounds(arrival=5_000))
    assert server.ask(get()[:-1]).startswith(b"HTTP/1.1 408 ")
    assert server.ask(get("/s", "Content-Length: 3", method="POST") + b"ab").startswith(b"HTTP/1.1 408 ")


def test_an_idle_connection_is_closed_quietly(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2), bounds=Bounds(idle=100_000))
    assert server.ask(b"") == b""
    assert server.ask(get()) == ok(b"ok", b"Content-Length: 2")


def test_a_stream_may_be_silent_for_longer_than_a_client(replay, make_exchange):
    server = replay(
        make_exchange([(300_000, b"ok")], LENGTH_2), pace=Pace(), bounds=Bounds(idle=100_000, arrival=100_000)
    )
    assert server.ask(get("/s", CLOSE)) == ok(b"ok", b"Content-Length: 2")


def test_a_client_that_does_not_end_what_we_ended_is_cut_off(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], ()), bounds=Bounds(linger=5_000, connections=1))
    with server.connect() as connection:
        connection.sendall(get())
        assert read_until(connection, b"ok") == ok(b"ok")
        assert connection.recv(1) == b""
        while server.ask(get()) != ok(b"ok"):  # until the only place is free again
            pass


def test_one_connection_too_many(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], LENGTH_2), bounds=Bounds(connections=1))
    with server.connect() as connection:
        connection.sendall(get())
        assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2")
        assert server.ask(b"").startswith(b"HTTP/1.1 503 ")
        connection.sendall(get())
        assert connection.recv(65536) == ok(b"ok", b"Content-Length: 2")


def test_many_clients_at_once(replay, make_exchange):
    server = replay(make_exchange([(n * 500, b"%d" % n) for n in range(10)]), pace=Pace())
    connections = [server.connect() for _ in range(50)]
    for connection in connections:
        connection.sendall(get())
    chunks = b"".join(b"1\r\n%d\r\n" % n for n in range(10)) + b"0\r\n\r\n"
    for connection in connections:
        with connection:
            assert read_until(connection, chunks) == ok(chunks, b"Transfer-Encoding: chunked")


VALID = [
    get(), get("/s", CLOSE), get("/s?x=1"), get(method="HEAD"), get(version="1.0"),
    get("/s", "Content-Length: 3", method="POST") + b"abc",
    get("/s", "Transfer-Encoding: chunked", method="POST") + b"3\r\nabc\r\n0\r\n\r\n",
    get("/s", "Content-Length: 3", "Expect: 100-continue", method="POST"),
    get("/s", "Connection: Upgrade", "Upgrade: websocket"),
]  # fmt: skip


@st.composite
def mutated(draw):
    """Valid requests, with some bytes replaced, taken out or put in."""
    stream = bytearray(b"".join(draw(st.lists(st.sampled_from(VALID), min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 4))):
        begin = draw(st.integers(0, len(stream)))
        end = min(len(stream), begin + draw(st.integers(0, 6)))
        stream[begin:end] = draw(st.binary(max_size=6) | st.sampled_from([b"\r\n", b"\r\n\r\n", b":", b" "]))
    return bytes(stream)


@pytest.fixture
def fuzzed(replay, make_exchange):
    return replay(
        make_exchange([(0, b"ok")], LENGTH_2), bounds=Bounds(idle=3_000, arrival=3_000, linger=3_000)
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300) | mutated(), cut=st.integers(0, 300), leave=st.booleans())
def test_whatever_a_client_sends_it_is_answered_or_closed_and_others_are_served(fuzzed, data, cut, leave):
    with fuzzed.connect() as connection:
        try:
            connection.sendall(data[:cut])
            connection.sendall(data[cut:])
            if not leave:
                while connection.recv(65536):
                    pass
        except (ConnectionResetError, BrokenPipeError):
            pass
    # The time limits are so short that a client on a busy machine can be too late: it asks again.
    answers = (fuzzed.ask(get("/s", CLOSE)) for _ in range(20))
    assert next(filter(None, answers)) == ok(b"ok", b"Content-Length: 2")
    assert fuzzed.defects == []
