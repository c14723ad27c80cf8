from __future__ import annotations

import asyncio
import json
import socket

import pytest

from foundation.errors import ChatreelError, ServerError, UsageError
from replayer.responder import Pace
from replayer.server import ReplaySettings, replay_server

ANY_PORT = ("127.0.0.1", 0)


@pytest.fixture
def numbered(make_exchange):
    def make(text, url="http://bot/s", **more):
        return make_exchange([(0, text)], (("Content-Length", str(len(text))),), url=url, **more)

    return make


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()


def body(response):
    return response.partition(b"\r\n\r\n")[2]


def test_the_nth_same_request_gets_the_nth_answer_whoever_asks(replay, numbered):
    server = replay(numbered(b"1"), numbered(b"x", "http://bot/other"), numbered(b"2"), numbered(b"3"))
    assert [body(server.ask(get("/s"))) for _ in range(5)] == [b"1", b"2", b"3", b"3", b"3"]
    assert body(server.ask(get("/other"))) == b"x"


@pytest.mark.parametrize(
    ("recorded", "head"),
    [
        ({"url": "http://bot/caf%C3%A9"}, b"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: h"),
        ({"url": "http://bot/caf%C3%A9"}, b"GET /caf%c3%a9 HTTP/1.1\r\nHost: h"),
        ({"url": "http://bot/caf\u00e9"}, b"GET /caf%c3%a9 HTTP/1.1\r\nHost: h"),
        ({"method": "BREW"}, b"BREW /s HTTP/1.1\r\nHost: h"),
        ({"method": "QUERY"}, b"QUERY /s HTTP/1.1\r\nHost: h "),
        ({"url": "http://bot/s?a=1&a=2&b"}, b"GET /s?b&a=1&a=2 HTTP/1.1\r\nHost: h"),
        ({}, b"GET /s HTTP/1.0\r\nUpgrade: h2c"),
        ({}, b"GET /s HTTP/1.1\r\nHost: h\r\nUpgrade: h2c"),
    ],
)
def test_what_a_recording_has_is_found_again(replay, numbered, recorded, head):
    server = replay(numbered(b"as recorded", **recorded))
    connection = b"Connection: close, Upgrade" if b"Upgrade" in head else b"Connection: close"
    answer = server.ask(head + b"\r\n" + connection + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert body(answer) == b"as recorded"


def test_a_header_beyond_latin_1_is_sent_as_utf_8(replay, make_exchange):
    name = (("X-Name", "\u65e5\u00e9"), ("X-Byte", "\xe9"), ("Content-Length", "0"))
    head = replay(make_exchange((), name)).ask(get("/s"))
    assert b"\r\nX-Name: " + "\u65e5\u00e9".encode() + b"\r\nX-Byte: \xe9\r\n" in head


@pytest.mark.parametrize(
    ("status", "headers", "why"),
    [(101, (("Upgrade", "websocket"),), "websocket"), (101, (), "another protocol"), (103, (), "103")],
)
def test_an_interim_response_alone_keeps_no_client_waiting(replay, make_exchange, status, headers, why):
    server = replay(make_exchange((), headers, status=status, end_at=3_600_000_000), pace=Pace())
    answer = server.ask(get("/s"))
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert why in json.loads(body(answer))["error"]


def test_a_miss_explains_itself(replay, numbered):
    server = replay(
        numbered(b"a", "http://bot/far"),
        numbered(b"b", "http://bot/s?x=1", method="POST", body=b'{"query": "hi"}'),
        admin=ANY_PORT,
    )
    query = b'{"query":"\\u001bho"}'
    head = f"POST /s?x=2 HTTP/1.1\r\nHost: h\r\nContent-Length: {len(query)}\r\nConnection: close\r\n\r\n"
    answer = server.ask(head.encode() + query)
    assert answer.startswith(b"HTTP/1.1 501 Not Implemented\r\nContent-Type: application/json\r\n")
    assert json.loads(body(answer)) == {
        "error": "no recorded request matches",
        "request": {"method": "POST", "target": "/s?x=2"},
        "nearest": [
            {
                "cassette": "test.jsonl",
                "exchange": 1,
                "differences": [
                    {"what": "query x", "expected": "1", "found": "2"},
                    {"what": "body /query", "expected": '"hi"', "found": '"\\u001bho"'},
                ],
                "options": ["--ignore query:x", "--ignore /query"],
            },
            {
                "cassette": "test.jsonl",
                "exchange": 0,
                "differences": [
                    {"what": "method", "expected": "GET", "found": "POST"},
                    {"what": "path", "expected": "/far", "found": "/s"},
                    {"what": "query x", "expected": "nothing", "found": "2"},
                    {"what": "body", "expected": "", "found": '{"query":"\\u001bho"}'},
                ],
                "options": [],
            },
        ],
    }
    (said,) = server.said
    assert said == (
        "miss: POST /s?x=2 was not recorded; nearest is exchange 1 of test.jsonl: "
        'query x: expected 1, found 2; body /query: expected "hi", found "\\u001bho"; '
        "it matches with --ignore query:x --ignore /query"
    )
    assert b'"misses": 1' in server.admin()


def test_a_miss_keeps_the_connection_and_the_terminal(replay, numbered):
    server = replay(numbered(b"a"))
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(b"POST /s HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n\x1b[31m\nno")
            assert connection.recv(65536).startswith(b"HTTP/1.1 501 ")
    assert len(server.said) == 2
    assert all(line.isprintable() for line in server.said)


def test_an_empty_cassette_misses_everything(replay):
    server = replay()
    assert json.loads(body(server.ask(get("/"))))["nearest"] == []


def test_health_counts(replay, numbered):
    server = replay(numbered(b"a"), numbered(b"b"), admin=ANY_PORT)
    for path in ("/s", "/s", "/none"):
        server.ask(get(path))
    assert json.loads(body(server.admin())) == {
        "status": "ok", "exchanges": 2, "requests": 3, "misses": 1, "open_streams": 0
    }  # fmt: skip


def test_a_long_gap_is_cut_and_speed_applies_after(replay, make_exchange):
    hour = 3_600_000_000
    exchange = make_exchange([(hour, b"a"), (2 * hour, b"b")], end_at=3 * hour)
    server = replay(exchange, pace=Pace(speed=1000.0, max_gap=1_000_000))
    assert body(server.ask(get("/s"))) == b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n"


def test_a_cassette_that_changed_under_us_is_said_and_the_rest_is_served(replay, numbered, tmp_path):
    server = replay(numbered(b"a"), numbered(b"b", "http://bot/other"))
    assert [body(server.ask(get("/s"))) for _ in range(2)] == [b"a", b"a"]
    (tmp_path / "test.jsonl").write_bytes(b"")
    answer = server.ask(get("/other"))
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert "test.jsonl" in json.loads(body(answer))["error"]
    assert "test.jsonl" in server.said[0]
    assert body(server.ask(get("/s"))) == b"a"  # kept since the second time


def run(paths, settings, then):
    said = []

    async def main():
        async with replay_server(paths, settings, said.append) as server:
            return await asyncio.to_thread(then, server)

    return asyncio.run(main()), said


def ask(server, path):
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(get(path))
        return connection.makefile("rb").read()


def test_cassettes_are_played_in_the_order_given(write_cassette, numbered):
    paths = [
        write_cassette(numbered(b"1"), numbered(b"x", "http://bot/x"), name="one.jsonl"),
        write_cassette(numbered(b"2"), numbered(b"y", "http://bot/y"), name="two.jsonl"),
    ]

    def then(server):
        return [body(ask(server, path)) for path in ("/s", "/s", "/s", "/y", "/x", "/z")]

    *answers, miss = run(paths, ReplaySettings(listen=ANY_PORT, admin=None), then)[0]
    assert answers == [b"1", b"2", b"2", b"y", b"x"]
    places = [(near["cassette"], near["exchange"]) for near in json.loads(miss)["nearest"]]
    assert places == [("one.jsonl", "0.0"), ("one.jsonl", "0.1"), ("two.jsonl", "1.1")]


def test_what_the_reader_warns_of_is_said(write_cassette, numbered):
    path = write_cassette(numbered(b"1"))
    with path.open("a") as file:
        file.write('{"kind": "requ')
    _, said = run([path], ReplaySettings(listen=ANY_PORT, admin=None), lambda server: ask(server, "/s"))
    assert len(said) == 1
    assert said[0].startswith("warning: ")
    assert "test.jsonl" in said[0]


def test_the_admin_listener_takes_the_next_port_or_a_free_one(write_cassette):
    path = write_cassette()
    with socket.create_server(ANY_PORT) as free:
        port = free.getsockname()[1]
    settings = ReplaySettings(listen=("127.0.0.1", port))
    found = run([path], settings, lambda server: (server.address, server.admin_address))[0]
    assert found[0] == ("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port + 1)):
        host, other = run([path], settings, lambda server: server.admin_address)[0]
    assert host == "127.0.0.1"
    assert other not in {port, port + 1}


@pytest.mark.parametrize("which", ["listen", "admin"])
def test_a_port_in_use_is_one_clear_error(write_cassette, which):
    path = write_cassette()
    with socket.create_server(ANY_PORT) as taken:
        settings = ReplaySettings(**({"listen": ANY_PORT, "admin": None} | {which: taken.getsockname()}))
        with pytest.raises(ServerError, match=f"already in use; choose another address with --{which}"):
            run([path], settings, lambda _: None)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "x" * 300])
def test_an_address_that_cannot_be(write_cassette, host):
    with pytest.raises(ServerError, match="cannot listen on"):
        run([write_cassette()], ReplaySettings(listen=(host, 0), admin=None), lambda _: None)


def test_an_admin_listener_for_others_needs_a_token(write_cassette):
    with pytest.raises(UsageError, match="--admin-token"):
        run([write_cassette()], ReplaySettings(listen=ANY_PORT, admin=("0.0.0.0", 0)), lambda _: None)  # noqa: S104 - refused


def test_a_missing_cassette(tmp_path):
    with pytest.raises(ChatreelError, match=r"none\.jsonl"):
        run([tmp_path / "none.jsonl"], ReplaySettings(listen=ANY_PORT), lambda _: None)
