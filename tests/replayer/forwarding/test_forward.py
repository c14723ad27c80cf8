"""`--on-miss forward` and `record`, between a client and an upstream that are bare sockets."""

from __future__ import annotations

import asyncio
import functools
import json
import queue
import socket
import ssl
import struct
import threading
import zlib

import msgspec
import pytest
import trustme

from cassettes.file.reader import Cassette
from cassettes.model import Request
from foundation.clock import SYSTEM
from foundation.errors import ChatreelError, UsageError
from foundation.sockets import bind
from foundation.timers import open_timers
from recorder.assembly import ResponseData, ResponseEnd, ResponseHead
from replayer.forwarding.forwarder import Forwarder
from replayer.forwarding.miss_policy import MissPolicy
from replayer.forwarding.opening import open_forwarder
from replayer.forwarding.upstream import Upstream
from replayer.http1.limits import Bounds
from replayer.http1.request_parser import RequestParser
from replayer.server import ReplaySettings, forwarder_for, replay_server

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET /live HTTP/1.1\r\nHost: here:1\r\nConnection: close\r\n\r\n"
KEEP = GET.replace(b"Connection: close\r\n", b"")


@pytest.fixture
def forward(replay):
    """Starts a replay of some exchanges that forwards to this url."""

    def start(url, *exchanges, **misses):
        return replay(*exchanges, misses=MissPolicy(on_miss="forward", upstream=url, **misses))

    return start


@pytest.fixture
def upstream(raw_server, read_request):
    """Starts an upstream that answers every request with these bytes; it has the requests."""

    def start(*parts, reset=False, tls=None):
        def talk(connection):
            server.requests.append(read_request(connection))
            for part in parts:
                connection.sendall(part)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        server = raw_server(talk, tls)
        server.requests = []
        return server

    return start


def receive(connection, size):
    received = b""
    while len(received) < size and (data := connection.recv(size - len(received))):
        received += data
    return received


def body(response):
    return response.partition(b"\r\n\r\n")[2]


def test_an_answer_keeps_its_head_and_its_chunks(forward, upstream):
    head = b"HTTP/1.1 203 Fine Thing\r\nX-b: 1\r\ncontent-TYPE: text/plain\r\nx-B: \xe9\r\n"
    server = upstream(
        head + b"Connection: keep-alive, X-Own\r\nKeep-Alive: timeout=5\r\nX-Own: 1\r\n",
        b"transfer-encoding: chunked\r\n\r\n4\r\none\n\r\n5;ext\r\n",
        b"two\n\n\r\n1\r\n3\r\n0\r\nTrailer: 1\r\n\r\n",
    )
    assert forward(server.url).ask(GET) == (
        head
        + b"transfer-encoding: chunked\r\n\r\n4\r\none\n\r\n5\r\ntwo\n\n\r\n1\r\n3\r\n0\r\nTrailer: 1\r\n\r\n"
    )


def test_each_chunk_is_there_before_the_next_is_sent(forward, raw_server, read_request):
    got = queue.Queue()

    def talk(connection):
        read_request(connection)
        connection.sendall(CHUNKED)
        for number in range(3):
            assert got.get(timeout=10) == number
            connection.sendall(b"1\r\n%d\r\n" % number)
        got.get(timeout=10)
        connection.sendall(b"0\r\n\r\n")

    server = forward(raw_server(talk).url)
    with server.connect() as connection:
        connection.sendall(GET)
        assert receive(connection, len(CHUNKED)) == CHUNKED
        for number in range(3):
            got.put(number)
            assert receive(connection, 6) == b"1\r\n%d\r\n" % number
        got.put("last")
        assert receive(connection, 5) == b"0\r\n\r\n"


def test_a_request_goes_on_as_it_came_but_for_what_is_of_the_connection(forward, upstream):
    server = upstream(CHUNKED + b"0\r\n\r\n")
    forward(server.url).ask(
        b"POST /a%20b?q=1&q=2 HTTP/1.1\r\nX-First: 1\r\nhost: here:1\r\nConnection: close, X-Own\r\n"
        b"X-Own: 1\r\nTE: trailers\r\nexpect: 100-continue\r\nTransfer-Encoding: chunked\r\nX-first: 2\r\n\r\n"
        b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    (request,) = server.requests
    assert (
        request
        == (
            f"POST /a%20b?q=1&q=2 HTTP/1.1\r\nX-First: 1\r\nhost: 127.0.0.1:{server.port}\r\nX-first: 2\r\n"
            "Content-Length: 3\r\n\r\nabc"
        ).encode()
    )


def test_what_was_recorded_is_not_forwarded(forward, upstream, make_exchange):
    server = upstream(CHUNKED + b"1\r\nL\r\n0\r\n\r\n")
    recorded = make_exchange([(0, b"R")], url="http://bot/s")
    replay = forward(server.url, recorded)
    with replay.connect() as connection:
        connection.sendall(KEEP + GET.replace(b"/live", b"/s"))
        answers = connection.makefile("rb").read()
    assert answers == CHUNKED + b"1\r\nL\r\n0\r\n\r\n" + CHUNKED + b"1\r\nR\r\n0\r\n\r\n"
    assert len(server.requests) == 1
    assert replay.said == [
        "forwarded: GET /live was not recorded; nearest is exchange 0 of test.jsonl: path: expected /s, found /live"
    ]


def test_a_plain_proxy_has_nothing_to_say(forward, upstream):
    replay = forward(upstream(CHUNKED + b"0\r\n\r\n").url)
    assert replay.ask(GET).startswith(b"HTTP/1.1 200")
    assert replay.said == []


def test_a_client_that_leaves_ends_the_request_upstream(forward, raw_server, read_request):
    left = queue.Queue()

    def talk(connection):
        read_request(connection)
        connection.sendall(CHUNKED + b"1\r\na\r\n")
        left.put(connection.recv(1))

    replay = forward(raw_server(talk).url)
    with replay.connect() as connection:
        connection.sendall(KEEP)
        receive(connection, len(CHUNKED) + 6)
    assert left.get(timeout=10) == b""


@pytest.mark.parametrize(
    ("parts", "reset", "why"),
    [
        ([], False, "closed the connection without an answer"),
        ([b"HTTP/1.1 200 OK\r\n"], False, "closed the connection without an answer"),
        ([], True, "reset the connection without an answer"),
        ([b"SSH-2.0-x\r\n"], False, "sent no HTTP/1.1 answer"),
    ],
)
def test_an_upstream_without_an_answer_is_502(forward, upstream, parts, reset, why):
    server = upstream(*parts, reset=reset)
    replay = forward(server.url)
    with replay.connect() as connection:
        for _ in range(2):  # the client's connection lives on
            connection.sendall(KEEP)
            answer = receive_message(connection)
            assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\n")
            assert why in json.loads(body(answer))["error"]


def receive_message(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += receive(connection, 1)
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length:" in line.lower()
    )
    return head + receive(connection, length)


def test_an_upstream_that_is_down_is_named(forward):
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    answer = forward(url).ask(GET)
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert json.loads(body(answer)) == {"error": f"{url} cannot be reached: Connection refused"}


def test_an_upstream_that_breaks_off_breaks_off_here(forward, upstream):
    server = upstream(CHUNKED + b"1\r\na\r\n2\r\nb")
    with forward(server.url).connect() as connection:
        connection.sendall(KEEP)
        assert connection.makefile("rb").read() == CHUNKED + b"1\r\na\r\n1\r\nb\r\n"


def test_an_upstream_that_resets_resets_here(forward, raw_server, read_request):
    got = threading.Event()

    def talk(connection):
        read_request(connection)
        connection.sendall(CHUNKED)
        assert got.wait(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with forward(raw_server(talk).url).connect() as connection:
        connection.sendall(KEEP)
        receive(connection, len(CHUNKED))
        got.set()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


@pytest.mark.parametrize(
    ("request_head", "answer", "expected"),
    [
        (b"HEAD /live HTTP/1.1\r\nHost: h\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
         b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (b"GET /live HTTP/1.1\r\nHost: h\r\n", b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n",
         b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n"),
        (b"GET /live HTTP/1.0\r\n", CHUNKED + b"1\r\na\r\n0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\na"),
        (b"GET /live HTTP/1.1\r\nHost: h\r\n", b"HTTP/1.0 200 OK\r\nX: 1\r\n\r\nabc",
         b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\nabc"),
        (b"GET /live HTTP/1.1\r\nHost: h\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
         b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
    ],
)  # fmt: skip
def test_bodies_are_framed_for_the_client(forward, upstream, request_head, answer, expected):
    assert forward(upstream(answer).url).ask(request_head + b"Connection: close\r\n\r\n") == expected


def test_the_client_stays_here(forward, raw_server, read_request):
    def talk(connection):
        read_request(connection)
        data = b'{"polling_url": "http://127.0.0.1:%d/jobs/1"}' % connection.getsockname()[1]
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
            b"Set-Cookie: a=1; Domain=bot.example; Secure\r\n\r\n"
        )
        connection.sendall(head % len(data) + data)

    assert forward(raw_server(talk).url).ask(GET) == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: a=1\r\n"
        b'Transfer-Encoding: chunked\r\n\r\n27\r\n{"polling_url": "http://here:1/jobs/1"}\r\n0\r\n\r\n'
    )


class FullWire:
    """A client that does not read."""

    def __init__(self):
        self.written = []
        self.drained = None

    def write(self, data):
        self.written.append(data)
        return False

    def when_drained(self, call):
        self.drained = call


async def a_turn_of_the_loop():
    turned = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(turned.set_result, None)
    await turned


def test_an_upstream_waits_for_a_client_that_does_not_read():
    given = []

    class Endless:
        origin = "http://bot"

        async def send(self, _request, _now):
            for event in [
                ResponseHead(0, 200, "OK", "1.1", ()),
                *[ResponseData(0, b"x")] * 9,
                ResponseEnd(0),
            ]:
                given.append(event)
                yield event

    async def main():
        (incoming,) = RequestParser(Bounds()).feed(GET, 0)
        wire, ended = FullWire(), asyncio.get_running_loop().create_future()
        forwarder, timers = Forwarder(Endless(), SYSTEM, print), open_timers()
        respond = forwarder.forward(incoming, incoming.request, None, [], lambda _status, _faults: None)
        respond(wire, timers, incoming.request.at, ended.set_result).play()
        for turn in range(1, 11):
            while wire.drained is None:
                await a_turn_of_the_loop()
            await a_turn_of_the_loop()
            assert (len(wire.written), len(given)) == (turn, turn)
            drained, wire.drained = wire.drained, None
            drained()
        assert await ended == "close"
        timers.close()

    asyncio.run(main())


def run(paths, then, **misses):
    """What `then` makes of a server that forwards, and what was said until it had ended."""
    said = []
    settings = ReplaySettings(listen=("127.0.0.1", 0), admin=None, misses=MissPolicy(**misses))

    async def main():
        async with replay_server(paths, settings, said.append) as server:
            return await asyncio.to_thread(then, server)

    return asyncio.run(main()), said


def ask(server, request=GET):
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


def test_what_is_forwarded_is_added_and_replayed_after_a_restart(write_cassette, make_exchange, upstream):
    path = write_cassette(make_exchange([(0, b"R")], url="http://bot/s"))
    server = upstream(CHUNKED + b"3\r\none\r\n", b"3\r\ntwo\r\n0\r\n\r\n")
    expected = CHUNKED + b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
    secret = GET.replace(b"\r\n\r\n", b"\r\nAuthorization: Bearer sk-live-0123456789abcdef\r\n\r\n")
    misses = {"on_miss": "record", "upstream": server.url, "into": path}
    answers, said = run([path], lambda replay: [ask(replay, secret) for _ in range(2)], **misses)
    assert answers == [expected, expected]
    assert len(server.requests) == 2  # the second is not answered with the first
    assert b"sk-live-0123456789abcdef" in server.requests[0]
    assert said[-1] == f"added 2 exchanges to {path}"
    assert b"sk-live" not in path.read_bytes()
    with Cassette.open(path) as cassette:
        assert [header.upstream for header in cassette.headers] == ["", server.url]
        assert cassette.exchange(1).request.url == f"{server.url}/live"
        assert [chunk.data for chunk in cassette.exchange(2).chunks] == [b"one", b"two"]
    (one, other), said = run([path], lambda replay: (ask(replay), ask(replay, GET.replace(b"/live", b"/s"))))
    assert (one, body(other)) == (expected, b"1\r\nR\r\n0\r\n\r\n")
    assert said == []


def test_a_cassette_that_is_not_there_yet_begins_with_the_first_miss(tmp_path, upstream):
    path = tmp_path / "new.jsonl"
    misses = {"on_miss": "record", "upstream": upstream(CHUNKED + b"0\r\n\r\n").url, "into": path}
    run([path], lambda _replay: None, **misses)
    assert not path.exists()
    run([path], ask, **misses)
    with Cassette.open(path) as cassette:
        assert len(cassette) == 1
        assert cassette.exchange(0).end.how == "complete"


def test_further_secrets_are_replaced_too(tmp_path, upstream):
    path = tmp_path / "new.jsonl"
    server = upstream(CHUNKED + b"3\r\npin\r\n0\r\n\r\n")
    run([path], ask, on_miss="record", upstream=server.url, into=path, rules=("header:X-Pin",))
    assert b"1234" not in path.read_bytes()
    sent = GET.replace(b"\r\n\r\n", b"\r\nX-Pin: pin-1234\r\n\r\n")
    run([path], lambda replay: ask(replay, sent.replace(b"/live", b"/more")), on_miss="record", upstream=server.url,
        into=path, rules=("header:X-Pin",))  # fmt: skip
    assert b"pin-1234" in server.requests[1]
    assert b"pin-1234" not in path.read_bytes()


def test_how_an_exchange_broke_is_recorded(tmp_path, raw_server, read_request):
    answers = iter(["server", "client"])
    left = threading.Event()

    def talk(connection):
        read_request(connection)
        connection.sendall(CHUNKED + b"1\r\na\r\n")
        if next(answers) == "client":
            connection.recv(1)
            left.set()

    def then(replay):
        ask(replay)
        with socket.create_connection(replay.address, timeout=10) as connection:
            connection.sendall(GET)
            receive(connection, len(CHUNKED) + 6)
        assert left.wait(10)

    path = tmp_path / "new.jsonl"
    run([path], then, on_miss="record", upstream=raw_server(talk).url, into=path)
    with Cassette.open(path) as cassette:
        assert [exchange.end.how for exchange in cassette.exchanges()] == ["server-closed", "client-closed"]


def test_the_upstream_knows_the_recorded_token_only(upstream, write_cassette, make_exchange):
    recorded = "abcdef0123456789"
    cookie = (("Content-Length", "1"), ("Set-Cookie", f"session={recorded}"))
    job = f'{{"job_id": "{recorded[::-1]}"}}'.encode()
    exchanges = [
        make_exchange([(0, b"1")], cookie, url="http://bot/open"),
        make_exchange([(0, job)], (("Content-Type", "application/json"),), url="http://bot/job"),
        make_exchange([(0, b"3")], url=f"http://bot/jobs/{recorded[::-1]}"),
    ]
    for number in (1, 2):
        request = exchanges[number].request
        sent = msgspec.structs.replace(request, headers=(("Cookie", f"session={recorded}"),))
        exchanges[number] = msgspec.structs.replace(exchanges[number], request=sent)
    server = upstream(CHUNKED + b"0\r\n\r\n")

    def get(path, cookie=""):
        return f"GET {path} HTTP/1.1\r\nHost: h\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()

    def then(replay):
        opened = ask(replay, get("/open"))
        mine = opened.partition(b"session=")[2][:16].decode()
        own = json.loads(body(ask(replay, get("/job", f"session={mine}"))))["job_id"]
        assert mine != recorded
        assert own != recorded[::-1]
        ask(replay, get(f"/jobs/{own}/cancel?of={mine}", f"a=b; session={mine}"))

    run([write_cassette(*exchanges)], then, on_miss="forward", upstream=server.url)
    (seen,) = server.requests
    assert seen.startswith(f"GET /jobs/{recorded[::-1]}/cancel?of={recorded} HTTP/1.1\r\n".encode())
    assert f"\r\nCookie: a=b; session={recorded}\r\n".encode() in seen


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority, upstream):
    """Starts an upstream that speaks TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    return functools.partial(upstream, tls=context)


def test_an_upstream_with_tls_is_verified(forward, secure, authority, tmp_path):
    pem = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(pem))
    url = secure(CHUNKED, b"1\r\na\r\n", b"0\r\n\r\n").url
    assert forward(url, authority=pem).ask(GET) == CHUNKED + b"1\r\na\r\n0\r\n\r\n"
    answer = forward(url).ask(GET)
    assert answer.startswith(b"HTTP/1.1 502 ")
    error = json.loads(body(answer))["error"]
    assert "its certificate is not trusted" in error
    assert "--upstream-ca" in error


@pytest.mark.parametrize(
    ("recorded", "hint"),
    [
        ([], "no recording names it"),
        (["", ""], "no recording names it"),
        (["http://a", "http://b", ""], r"the recordings do not agree on it \(none, http://a, http://b\)"),
        (["http://a", ""], r"the recordings do not agree on it \(none, http://a\)"),
    ],
)
def test_an_upstream_that_cannot_be_told_is_asked_for(recorded, hint):
    with pytest.raises(
        UsageError, match=f"--on-miss forward needs the upstream, and {hint}: .* --upstream URL"
    ):
        open_forwarder(MissPolicy(on_miss="forward"), recorded, SYSTEM, print)


def test_the_upstream_is_the_recorded_one_unless_it_is_said():
    own = ["http://localhost:1", "http://localhost:1"]
    forwarder = open_forwarder(MissPolicy(on_miss="forward"), own, SYSTEM, print)
    assert (forwarder.upstream.host, forwarder.upstream.port) == ("localhost", 1)
    with pytest.raises(
        UsageError, match="which only the recording names: if that is right, say --upstream http://a:1"
    ):
        open_forwarder(MissPolicy(on_miss="forward"), ["http://a:1"], SYSTEM, print)
    misses = MissPolicy(on_miss="forward", upstream="https://b")
    assert open_forwarder(misses, ["http://a"], SYSTEM, print).upstream.port == 443
    assert forwarder_for(MissPolicy(), ["http://a"], print) is None


def test_a_replay_does_not_forward_to_itself(write_cassette):
    (one,) = bind("127.0.0.1", 0)
    with one:
        port = one.getsockname()[1]
    misses = MissPolicy(on_miss="forward", upstream=f"http://localhost:{port}")
    settings = ReplaySettings(listen=("127.0.0.1", port), admin=None, misses=misses)

    async def main():
        async with replay_server([write_cassette()], settings, print):
            pass

    with pytest.raises(UsageError, match="choose another --listen, or another --upstream"):
        asyncio.run(main())


def test_what_cannot_be_written_is_refused_at_once(tmp_path):
    misses = MissPolicy(on_miss="record", upstream="http://a", into=tmp_path / "none" / "a.jsonl")
    with pytest.raises(ChatreelError, match="cannot be written"):
        open_forwarder(misses, [], SYSTEM, print)
    with pytest.raises(UsageError, match="header"):
        open_forwarder(msgspec.structs.replace(misses, rules=("haeder:a",)), [], SYSTEM, print)


def test_a_cassette_that_cannot_be_continued_costs_no_answer(tmp_path, upstream):
    path = tmp_path / "a.jsonl"

    def then(replay):
        path.write_text("no cassette")
        return [ask(replay), ask(replay)]

    misses = {"on_miss": "record", "upstream": upstream(CHUNKED + b"0\r\n\r\n").url, "into": path}
    answers, said = run([path], then, **misses)
    assert answers == 2 * [CHUNKED + b"0\r\n\r\n"]
    assert len(said) == 1
    assert said[0].endswith("what is forwarded is not recorded")


def test_the_journal_has_what_was_forwarded(upstream, write_cassette):
    def then(replay):
        ask(replay)
        return [(entry.why, entry.status, entry.target) for entry in replay.responder.journal]

    found, _ = run([write_cassette()], then, on_miss="forward", upstream=upstream(CHUNKED + b"0\r\n\r\n").url)
    assert found == [("forwarded", 200, "/live")]


def test_a_body_is_forwarded_in_its_coding_and_matched_without(forward, upstream, make_exchange):
    server = upstream(CHUNKED + b"0\r\n\r\n")
    recorded = make_exchange([(0, b"R")], method="POST", url="http://bot/s", body=b'{"a": 1}')

    def post(data):
        coded = zlib.compress(data)
        head = "POST /s HTTP/1.1\r\nHost: h\r\nContent-Encoding: deflate\r\nConnection: close\r\n"
        return f"{head}Content-Length: {len(coded)}\r\n\r\n".encode() + coded

    replay = forward(server.url, recorded)
    assert body(replay.ask(post(b'{"a":1}'))) == b"1\r\nR\r\n0\r\n\r\n"
    assert server.requests == []
    replay.ask(post(b'{"a":2}'))
    assert body(server.requests[0]) == zlib.compress(b'{"a":2}')
    assert replay.said[0].endswith("body /a: expected 1, found 2; it matches with --ignore /a")


def events_of(upstream, request):
    async def main():
        return [event async for event in upstream.send(request, SYSTEM.now)]

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("said", "heads"), [(b"", 0), (b"HTTP/1.1 200 OK\r\n", 0), (CHUNKED + b"1\r\na\r\n", 1)]
)
def test_an_upstream_that_falls_silent_breaks_the_answer(raw_server, read_request, said, heads):
    def talk(connection):
        read_request(connection)
        connection.sendall(said)
        connection.recv(1)  # until the other side gives up

    request = Request(exchange=0, at=0, method="GET", url="http://h/", http="1.1", headers=())
    *events, last = events_of(Upstream(raw_server(talk).url, patience=0.05), request)
    assert (last.how, last.message) == ("error", "it sent nothing for 0.05 seconds")
    assert sum(isinstance(event, ResponseHead) for event in events) == heads
