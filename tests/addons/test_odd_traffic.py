"""Traffic that is not what the recorder is for: it passes as it would without us, and harms no recording."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from cassettes.views.timeline import timeline
from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server as chatbot
from sample_chatbot.settings import ChatbotSettings

GET = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def talk_raw(port: int, *sends: bytes, until: bytes) -> bytes:
    """What a proxy answers to some bytes, up to what is waited for or the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for data in sends:
            client.sendall(data)
        got = b""
        while until not in got and (more := client.recv(65536)):
            got += more
    return got


@pytest.fixture
def ok_server(raw_server, read_request):
    """A server that answers `ok` to everything, pipelined too."""

    def talk(connection: socket.socket) -> None:
        while request := read_request(connection):
            connection.sendall(OK * request.count(b" HTTP/1."))

    return raw_server(talk)


def upgrade(connection, read_request):
    """Accepts a WebSocket."""
    key = re.search(rb"(?i)sec-websocket-key: (.*)\r\n", read_request(connection))
    accept = base64.b64encode(hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324 - RFC 6455
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept
    )


UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
PING = b"\x81\x84\0\0\0\0ping"
"""A text message of a client, masked with zeros."""


def test_messages_of_a_websocket_are_recorded(raw_server, read_request, record):
    def talk(connection):
        upgrade(connection, read_request)
        assert connection.recv(100)
        connection.sendall(b"\x01\x02po")  # in two frames
        connection.sendall(b"\x80\x02ng")
        connection.sendall(b"\x82\x02\x00\xff")
        connection.sendall(b"\x88\x05\x03\xe8bye")
        connection.recv(100)

    recording = record(raw_server(talk).url)
    got = talk_raw(recording.port, UPGRADE, PING, until=b"\x88\x05\x03\xe8bye")
    assert b"\x82\x02\x00\xff" in got
    (exchange,) = recording.exchanges()
    assert (exchange.response.status, exchange.end.how) == (101, "complete")
    assert [(m.sender, m.opcode, m.data) for m in exchange.messages] == [
        ("client", 1, b"ping"),
        ("server", 1, b"pong"),
        ("server", 2, b"\x00\xff"),
        ("server", 8, b"\x03\xe8bye"),
    ]
    times = [message.at for message in exchange.messages]
    assert exchange.response.at <= times[0] <= times[-1] <= exchange.end.at
    assert [(moment.what, moment.name, moment.data) for moment in timeline(exchange)[1:]] == [
        ("message", "client", "ping"),
        ("message", "server", "pong"),
        ("message", "server, binary", "\0\ufffd"),
        ("message", "server, close", "1000 bye"),
        ("end", "complete", ""),
    ]
    assert recording.reports == []


def test_a_websocket_that_breaks_off_says_so(raw_server, read_request, record):
    def talk(connection):
        upgrade(connection, read_request)
        connection.sendall(b"\x81\x04half")

    recording = record(raw_server(talk).url)
    talk_raw(recording.port, UPGRADE, until=b"never")
    (exchange,) = recording.exchanges()
    assert [message.data for message in exchange.messages] == [b"half"]
    assert exchange.end.how == "server-closed"


def test_secrets_in_messages_are_replaced(raw_server, read_request, record):
    secret = "0penSesame" + "-42"
    message = f'{{"password": "{secret}"}}'.encode()

    def talk(connection):
        upgrade(connection, read_request)
        connection.sendall(b"\x81" + bytes([len(message)]) + message)

    recording = record(raw_server(talk).url, rules=())
    talk_raw(recording.port, UPGRADE, until=b"never")
    (exchange,) = recording.exchanges()
    assert exchange.messages[0].data.startswith(b'{"password": "')
    assert secret not in recording.path.read_text()


def test_another_protocol_passes(raw_server, read_request, record):
    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: own\r\nConnection: Upgrade\r\n\r\n")
        connection.sendall(b"echo " + connection.recv(100))

    recording = record(raw_server(talk).url)
    ask = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: own\r\nConnection: Upgrade\r\n\r\n"
    assert talk_raw(recording.port, ask, b"hello", until=b"hello").endswith(b"echo hello")
    (exchange,) = recording.exchanges()
    assert exchange.response.status == 101
    assert [loss.reason for loss in exchange.losses] == ["what followed in another protocol is not recorded"]


def test_answers_to_head_keep_their_length(raw_server, read_request, record):
    def talk(connection):
        while read_request(connection):
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 55\r\n\r\n"
            )

    recording = record(raw_server(talk).url)
    head = b"HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n"
    got = talk_raw(recording.port, head, head.replace(b"h\r", b"h\r\nConnection: close\r"), until=b"never")
    assert got.count(b"Content-Length: 55\r\n\r\n") == 2
    assert [(e.request.method, e.body, e.end.how) for e in recording.exchanges()] == [
        ("HEAD", b"", "complete")
    ] * 2


def test_pipelined_requests_are_answered_in_order(raw_server, read_request, record):
    def talk(connection):
        while request := read_request(connection):
            for path in re.findall(rb"GET (/\d)", request):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + path)

    recording = record(raw_server(talk).url)
    asks = b"".join(GET.replace(b"/x", b"/%d" % number) for number in range(3))
    got = talk_raw(recording.port, asks, until=b"/2")
    assert re.findall(rb"\r\n\r\n(/\d)", got) == [b"/0", b"/1", b"/2"]
    assert [exchange.body for exchange in recording.exchanges()] == [b"/0", b"/1", b"/2"]


def test_the_upstream_says_whether_a_body_is_to_be_sent(raw_server, record):
    bodies = []

    def talk(connection):
        head = connection.recv(65536)
        assert re.search(rb"Expect: 100-continue *\r\n", head)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        bodies.append(connection.recv(65536))
        connection.sendall(OK)

    recording = record(raw_server(talk).url)
    with socket.create_connection(("127.0.0.1", recording.port), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")
    (exchange,) = recording.exchanges()
    assert (bodies, exchange.request.body, exchange.response.status) == ([b"abc"], b"abc", 200)
    assert ("Expect", "100-continue") in exchange.request.headers


def test_a_body_that_is_refused_is_never_sent(raw_server, record):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(
            b"HTTP/1.1 401 No\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n"
        )

    recording = record(raw_server(talk).url)
    ask = b"POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"
    assert talk_raw(recording.port, ask, until=b"0\r\n\r\n").startswith(b"HTTP/1.1 401 No\r\n")
    (exchange,) = recording.exchanges()
    assert (exchange.request.body, exchange.body, exchange.end.how) == (b"", b"no", "complete")
    assert "the request is not whole" in exchange.losses[0].reason


def test_trailers_of_a_request_pass(raw_server, record):
    got = []

    def talk(connection):
        data = b""
        while not data.endswith(b"X-Sum: 1\r\n\r\n"):
            data += connection.recv(65536)
        got.append(data)
        connection.sendall(OK)

    recording = record(raw_server(talk).url)
    ask = b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n"
    assert talk_raw(recording.port, ask, until=b"ok").endswith(b"ok")
    assert got[0].endswith(b"\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n")
    (exchange,) = recording.exchanges()
    assert exchange.request.body == b"hi"


def test_a_connection_serves_further_requests_after_odd_responses(raw_server, read_request, record):
    responses = [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n",
        OK,
    ]

    def talk(connection):
        while read_request(connection):
            connection.sendall(responses.pop(0))

    recording = record(raw_server(talk).url)
    with socket.create_connection(("127.0.0.1", recording.port), timeout=10) as client:
        for end in (b"ok", b"X-Trailer: 1\r\n\r\n", b"ok"):
            client.sendall(GET)
            got = b""
            while not got.endswith(end):
                got += client.recv(65536)
    exchanges = recording.exchanges()
    assert [(e.response.status, e.body, e.end.trailers) for e in exchanges] == [
        (200, b"ok", ()),
        (200, b"ok", (("X-Trailer", "1"),)),
        (200, b"ok", ()),
    ]
    assert recording.reports == []


def test_http_1_0_gets_no_interim_response(raw_server, read_request, record):
    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)

    recording = record(raw_server(talk).url)
    assert talk_raw(recording.port, b"GET /x HTTP/1.0\r\n\r\n", until=b"ok").startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_an_upstream_that_cannot_be_reached_is_named(record, mode):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
    recording = record(origin if mode == "reverse" else "")
    target = b"/x" if mode == "reverse" else f"{origin}/x".encode()
    why = f"{origin} cannot be reached: Connection refused"
    for _ in range(2):
        got = talk_raw(recording.port, b"GET %s HTTP/1.1\r\nHost: h\r\n\r\n" % target, until=b"never")
        assert got.startswith(b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\n")
        assert got.endswith(f"\r\n\r\nchatreel: {why}\n".encode())
    assert {(e.response, e.end.how, e.end.message) for e in recording.exchanges()} == {(None, "error", why)}
    assert recording.reports == [f"proxy: {why}"]


def test_a_tunnel_to_nowhere_is_refused(record):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    recording = record("")
    ask = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: h\r\n\r\n" % port
    got = talk_raw(recording.port, ask, until=b"refused\n")
    assert got.startswith(b"HTTP/1.1 502 ")
    why = f"https://127.0.0.1:{port} cannot be reached: Connection refused"
    assert got.endswith(f"\r\n\r\nchatreel: {why}\n".encode())
    assert recording.exchanges() == []
    assert recording.reports == [f"proxy: {why}"]


def test_plain_http_in_a_tunnel_is_recorded(ok_server, record):
    recording = record("")
    ask = b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: h\r\n\r\n" % ok_server.port
    got = talk_raw(recording.port, ask, GET, until=b"ok")
    assert got.startswith(b"HTTP/1.1 200 ")
    assert got.endswith(b"ok")
    (exchange,) = recording.exchanges()
    assert exchange.request.url == f"{ok_server.url}/x"


@pytest.mark.parametrize(
    ("ask", "method", "target"),
    [
        (b"GET /\xff\xfe?q=\xc3\xa9 HTTP/1.1\r\nHost: \xff\r\n\r\n", "GET", "/%FF%FE?q=%C3%A9"),
        (b"G\xff /x HTTP/1.1\r\nHost: h\r\n\r\n", "G\xff", "/x"),
        (b"get /x HTTP/1.1\r\nHost: h\r\n\r\n", "get", "/x"),
        (b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS", ""),
        (b"GET /x HTTP/1.0\r\n\r\n", "GET", "/x"),
        (b"GET http://other.example/x HTTP/1.1\r\nHost: h\r\n\r\n", "GET", "/x"),
    ],
)
def test_requests_in_odd_shapes_are_recorded(ok_server, record, ask, method, target):
    recording = record(ok_server.url)
    assert talk_raw(recording.port, ask, until=b"ok").endswith(b"ok")
    (exchange,) = recording.exchanges()
    assert (exchange.request.method, exchange.request.url) == (method, ok_server.url + target)
    assert (exchange.body, exchange.end.how) == (b"ok", "complete")
    assert recording.reports == []


@pytest.mark.parametrize(
    "ask",
    [
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"no http at all\r\n\r\n",
    ],
)
def test_what_is_refused_on_the_way_is_not_recorded(ok_server, record, ask):
    recording = record(ok_server.url)
    assert talk_raw(recording.port, ask, until=b"never").startswith(b"HTTP/1.1 400 ")
    assert recording.exchanges() == []


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (b"chat.test:81", b"http://chat.test:81"),
        (b"[::1]:81", b"http://[::1]:81"),
        (b'"><script>', None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_urls_lead_where_the_client_believes_to_be(raw_server, read_request, record, host, origin):
    server = raw_server(lambda connection: respond(connection))

    def respond(connection):
        read_request(connection)
        connection.sendall(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s/y\r\n\r\n" % server.url.encode()
        )

    recording = record(server.url)
    got = talk_raw(recording.port, GET.replace(b"Host: h", b"Host: " + host), until=b"\r\n\r\n")
    assert b"Location: %s/y\r\n" % (origin or recording.url.encode()) in got


def test_an_answer_before_the_request_is_whole(raw_server, record):
    def talk(connection):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        connection.recv(1)

    recording = record(raw_server(talk).url)
    ask = b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc"
    assert talk_raw(recording.port, ask, until=b"no").endswith(b"no")
    (exchange,) = recording.exchanges()
    assert (exchange.request.body, exchange.response.status, exchange.body) == (b"abc", 413, b"no")


def test_fifty_clients_at_once(record):
    with Threaded(lambda: chatbot.run(ChatbotSettings(pace=0))) as url:
        recording = record(url)
        together = threading.Barrier(50)

        def ask(number: int) -> bytes:
            together.wait(10)
            body = {"query": f"question {number}"}
            return requests.post(f"{recording.url}/api/v1/stream", json=body, timeout=30).content

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(ask, range(50)))
        exchanges = recording.exchanges()
    assert len(exchanges) == 50
    assert {exchange.end.how for exchange in exchanges} == {"complete"}
    assert sorted(exchange.body for exchange in exchanges) == sorted(answers)
    assert recording.reports == []
