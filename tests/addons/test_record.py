"""Recording through real mitmproxy: what the client and the cassette get, byte for byte."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import zlib
from collections.abc import Callable

import brotli
import pytest
import requests
import zstandard

EVENTS = [
    b'event: progress\ndata: {"progress": 10}\n\n',
    b'data: {"a": "\xc3',
    b'\xa9"}\n\n',
    b"\xff\xfe\n\n",
]


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def answer(*parts: bytes) -> Callable[[socket.socket], None]:
    """A server that sends `parts` to every request, each once the client has taken the one before."""

    def talk(connection: socket.socket) -> None:
        if connection.recv(65536):
            for part in parts:
                connection.sendall(part)

    return talk


def test_a_stream_is_forwarded_and_recorded_chunk_by_chunk(raw_server, record, read_request):
    taken = threading.Semaphore(0)

    def talk(connection):
        read_request(connection)
        connection.sendall(
            b"HTTP/1.1 200 Fine\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for event in EVENTS:
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            assert taken.acquire(timeout=10), "the chunk before was not forwarded at once"
        connection.sendall(b"0\r\n\r\n")

    recording = record(raw_server(talk).url)
    with requests.post(
        f"{recording.url}/api/v1/stream", data=b'{"query": "hi"}', stream=True, timeout=10
    ) as response:
        received = []
        for chunk in response.raw.read_chunked():
            received.append(chunk)
            taken.release()
    (exchange,) = recording.exchanges()
    assert received == EVENTS
    assert [chunk.data for chunk in exchange.chunks] == EVENTS
    assert exchange.request.body == b'{"query": "hi"}'
    assert (exchange.response.status, exchange.response.reason) == (200, "Fine")
    assert exchange.end.how == "complete"
    times = [
        exchange.request.at,
        exchange.response.at,
        *(chunk.at for chunk in exchange.chunks),
        exchange.end.at,
    ]
    assert times == sorted(times)
    assert len(set(times[2:-1])) == len(EVENTS)


def test_headers_keep_order_case_and_repeats(raw_server, record):
    head = (
        b"HTTP/1.1 200 OK\r\nX-b: 2\r\nx-A: 1\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\nX-b: caf\xe9\r\n"
        b"Content-Length: 2\r\nContent-Type: application/octet-stream\r\n\r\nok"
    )
    recording = record(raw_server(answer(head)).url)
    requests.get(recording.url, headers={"X-Mine": "1"}, timeout=10)
    (exchange,) = recording.exchanges()
    assert exchange.response.headers == (
        ("X-b", "2"),
        ("x-A", "1"),
        ("Set-Cookie", "a=1; Path=/"),
        ("set-cookie", "b=2"),
        ("X-b", "caf\xe9"),
        ("Content-Length", "2"),
        ("Content-Type", "application/octet-stream"),
    )
    assert ("X-Mine", "1") in exchange.request.headers


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("br", brotli.compress),
        ("zstd", zstandard.compress),
        ("identity", bytes),
    ],
)
def test_encoded_bodies_are_stored_decoded_and_the_client_reads_the_same(raw_server, record, coding, pack):
    body = b'{"polling_url": "/jobs/1"}' * 20
    packed = pack(body)
    half = len(packed) // 2
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Type: application/json\r\n"
    server = raw_server(
        answer(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(packed[:half], packed[half:]))
    )
    recording = record(server.url)
    got = requests.get(recording.url, timeout=10)
    (exchange,) = recording.exchanges()
    assert got.content == body
    assert exchange.body == body
    assert len(exchange.chunks) == 2
    assert exchange.response.encoding == ("" if coding == "identity" else coding)
    assert ("Content-Encoding", coding) in exchange.response.headers


def test_an_encoded_request_body_is_stored_decoded(raw_server, record):
    recording = record(raw_server(answer(b"HTTP/1.1 204 No Content\r\n\r\n")).url)
    requests.post(
        recording.url, data=gzip.compress(b"question"), headers={"Content-Encoding": "gzip"}, timeout=10
    )
    (exchange,) = recording.exchanges()
    assert (exchange.request.body, exchange.request.encoding) == (b"question", "gzip")


def test_a_body_that_is_not_in_its_coding_is_kept_as_it_came(raw_server, record):
    reply = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip"
    recording = record(raw_server(answer(reply)).url)
    got = requests.get(recording.url, headers={"Accept-Encoding": "identity"}, timeout=10, stream=True)
    assert got.raw.read(decode_content=False) == b"not gzip"
    (exchange,) = recording.exchanges()
    assert exchange.body == b"not gzip"
    assert [loss.records for loss in exchange.losses] == [0]


STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST = b"8\r\ndata: 1\n\r\n"


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    ("before", "leave", "how"),
    [
        (STREAM_HEAD + FIRST, socket.socket.close, "server-closed"),
        (STREAM_HEAD + FIRST, reset, "reset"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", socket.socket.close, "server-closed"),
        (b"", socket.socket.close, "server-closed"),
        (b"", reset, "reset"),
        (STREAM_HEAD + b"zz\r\n", socket.socket.close, "error"),
        (b"no http\r\n\r\n", socket.socket.close, "error"),
    ],
)
def test_how_a_server_broke_off(raw_server, record, read_request, before, leave, how):
    seen = threading.Event()

    def talk(connection):
        read_request(connection)
        connection.sendall(before)
        if before.startswith(STREAM_HEAD + FIRST):
            assert seen.wait(10)
        leave(connection)

    recording = record(raw_server(talk).url)
    with (
        pytest.raises(requests.RequestException),
        requests.get(recording.url, stream=True, timeout=10) as response,
    ):
        response.raise_for_status()
        for _ in response.iter_content(None):
            seen.set()
    (exchange,) = recording.exchanges()
    assert exchange.end.how == how
    assert bool(exchange.end.message) == (how == "error")
    if before.startswith(STREAM_HEAD + FIRST):
        assert exchange.body == b"data: 1\n"


def test_a_client_that_leaves_is_told_from_a_server_that_does(raw_server, record, read_request):
    gone = threading.Event()

    def talk(connection):
        read_request(connection)
        connection.sendall(STREAM_HEAD + FIRST)
        connection.recv(1)  # returns when the proxy closes
        gone.set()

    recording = record(raw_server(talk).url)
    with socket.create_connection(("127.0.0.1", recording.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(65536)
    assert gone.wait(10)
    (exchange,) = recording.exchanges()
    assert exchange.end.how == "client-closed"
    assert exchange.body == b"data: 1\n"


def test_an_upstream_that_is_down_is_recorded_as_an_error(record):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    recording = record(f"http://127.0.0.1:{port}")
    assert requests.get(recording.url, timeout=10).status_code == 502
    (exchange,) = recording.exchanges()
    assert exchange.response is None
    assert exchange.end.how == "error"
    assert exchange.end.message


def test_a_recording_that_stops_first_leaves_the_exchange_unfinished(raw_server, record, read_request):
    release = threading.Event()

    def talk(connection):
        read_request(connection)
        connection.sendall(STREAM_HEAD + FIRST)
        release.wait(10)

    recording = record(raw_server(talk).url)
    with socket.create_connection(("127.0.0.1", recording.port)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        while not client.recv(65536).endswith(b"data: 1\n\r\n"):
            pass
        recording.stop()
        release.set()
    (exchange,) = recording.exchanges()
    assert exchange.body == b"data: 1\n"
    assert exchange.end.how in {"unfinished", "client-closed", "server-closed"}


def test_absolute_urls_of_the_upstream_lead_to_the_proxy_and_the_cassette_keeps_them(
    raw_server, record, read_request
):
    server = raw_server(lambda connection: respond(connection))

    def respond(connection):
        read_request(connection)
        body = b'{"polling_url": "%s/jobs/1", "escaped": "%s\\/x", "other": "%s0/x"}' % (
            server.url.encode(),
            server.url.replace("/", "\\/").encode(),
            server.url.encode(),
        )
        head = f"Location: {server.url}/next\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        connection.sendall(b"HTTP/1.1 201 Created\r\n" + head.encode() + b"\r\n" + body)

    recording = record(server.url)
    got = requests.post(recording.url, data=b"{}", timeout=10)
    assert got.headers["Location"] == f"{recording.url}/next"
    assert got.json() == {
        "polling_url": f"{recording.url}/jobs/1",
        "escaped": f"{recording.url}/x",
        "other": f"{server.url}0/x",
    }
    (exchange,) = recording.exchanges()
    assert server.url.encode() in exchange.body
    assert ("Location", f"{server.url}/next") in exchange.response.headers
    assert exchange.request.url == f"{server.url}/"
    assert ("Host", server.url.removeprefix("http://")) in exchange.request.headers


def test_a_url_that_two_chunks_share_is_rewritten_and_chunks_are_recorded_as_they_came(
    raw_server, record, read_request
):
    cut = threading.Semaphore(0)

    def talk(connection):
        read_request(connection)
        connection.sendall(STREAM_HEAD)
        for chunk in parts:
            connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            cut.acquire(timeout=0.05)
        connection.sendall(b"0\r\n\r\n")

    server = raw_server(talk)
    text = f'data: {{"polling_url": "{server.url}/jobs/1"}}\n\n'.encode()
    parts = [text[:40], text[40:43], text[43:]]
    recording = record(server.url)
    assert recording.url.encode() in requests.get(recording.url, timeout=10).content
    (exchange,) = recording.exchanges()
    assert exchange.body == text


def test_cookies_come_back_to_the_proxy(raw_server, record):
    cookies = b"Set-Cookie: a=1; Domain=chat.example.org; Secure; SameSite=None; Path=/\r\n"
    recording = record(
        raw_server(answer(b"HTTP/1.1 200 OK\r\n" + cookies + b"Content-Length: 0\r\n\r\n")).url
    )
    with requests.Session() as session:
        session.get(recording.url, timeout=10)
        session.get(recording.url, timeout=10)
    first, second = recording.exchanges()
    assert (
        "Set-Cookie",
        "a=1; Domain=chat.example.org; Secure; SameSite=None; Path=/",
    ) in first.response.headers
    assert ("Cookie", "a=1") in second.request.headers


def test_cookies_that_browsers_take_over_tls_only_come_back_under_their_own_names(raw_server, record):
    sent: list[bytes] = []

    def talk(connection):
        while data := connection.recv(65536):
            sent.append(data)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nSet-Cookie: __Host-sid=1; Secure; Path=/\r\n"
                b"Set-Cookie: __Secure-b=2; Secure\r\nContent-Length: 0\r\n\r\n"
            )

    recording = record(raw_server(talk).url)
    with requests.Session() as session:
        session.get(recording.url, timeout=10)
        assert session.cookies.get_dict() == {"chatreel_host_sid": "1", "chatreel_secure_b": "2"}
        session.get(recording.url, timeout=10)
    assert b"\r\nCookie: __Host-sid=1; __Secure-b=2\r\n" in sent[-1]
    first, second = recording.exchanges()
    assert ("Set-Cookie", "__Host-sid=1; Secure; Path=/") in first.response.headers
    assert ("Cookie", "__Host-sid=1; __Secure-b=2") in second.request.headers


def test_a_chunked_upload_is_streamed_and_recorded_whole(raw_server, record):
    arrived = threading.Event()

    def talk(connection):
        data = b""
        while b"first" not in data:
            data += connection.recv(65536)
        arrived.set()
        while not data.endswith(b"0\r\n\r\n"):
            data += connection.recv(65536)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    def body():
        yield b"first"
        assert arrived.wait(10), "the upload was held back"
        yield b"second"

    recording = record(raw_server(talk).url)
    assert requests.post(recording.url, data=body(), timeout=10).status_code == 204
    (exchange,) = recording.exchanges()
    assert exchange.request.body == b"firstsecond"


@pytest.mark.parametrize(
    "reply", [b"HTTP/1.1 304 Not Modified\r\n\r\n", b"HTTP/1.1 204 No Content\r\nX: 1\r\n\r\n"]
)
def test_answers_without_a_body(raw_server, record, reply):
    recording = record(raw_server(answer(reply)).url)
    requests.get(recording.url, timeout=10)
    (exchange,) = recording.exchanges()
    assert (exchange.body, exchange.end.how) == (b"", "complete")


def test_http_1_0_and_a_body_that_ends_with_the_connection(raw_server, record, read_request):
    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end")

    recording = record(raw_server(talk).url)
    assert requests.get(recording.url, timeout=10).text == "until the end"
    (exchange,) = recording.exchanges()
    assert (exchange.response.http, exchange.body, exchange.end.how) == ("1.0", b"until the end", "complete")


def test_only_what_was_chosen_is_recorded(raw_server, record):
    server = raw_server(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    recording = record(server.url, only=("127.0.0.1/api",))
    for path in ("/api/v1/stream", "/health"):
        assert requests.get(recording.url + path, timeout=10).text == "ok"
    (exchange,) = recording.exchanges()
    assert exchange.request.url == f"{server.url}/api/v1/stream"


def test_a_forward_proxy_records_what_its_clients_name(raw_server, record):
    server = raw_server(answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
    recording = record("")
    proxies = {"http": recording.url}
    assert requests.get(f"{server.url}/x?y=1", proxies=proxies, timeout=10).text == "ok"
    (exchange,) = recording.exchanges()
    assert exchange.request.url == f"{server.url}/x?y=1"
    assert exchange.body == b"ok"
