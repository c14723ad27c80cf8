"""Pattern 1 over real sockets."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings import sse
from platform_client import sse_stream
from platform_client.client import PlatformClient
from platform_client.client_limits import ClientLimits
from platform_client.events import ClientEvent
from tests.platform_client.raw_server import Answer, AnsweringServer, head, resets_after, sends, sends_json

type Chatbot = Callable[..., str]
type Client = Callable[..., PlatformClient]
type Serve = Callable[..., AnsweringServer]
type Ask = Callable[..., list[ClientEvent]]

FIRST = b'event: progress\ndata: {"progress": 10}\n\n'
SECOND = b'event: result\ndata: {"response": "Done"}\n\n'
COMPLETE = b"event: complete\ndata: {}\n\n"
EVENTS = [ClientEvent("progress", '{"progress": 10}'), ClientEvent("result", '{"response": "Done"}')]
BROKE = ClientEvent("error", '{"error": "Stream ended prematurely"}')
CHUNKED = head("Transfer-Encoding: chunked")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def gated(before: bytes, gate: threading.Event, after: bytes) -> Answer:
    """Sends the second part once the gate is open; nothing when it stays closed."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(before)
        if gate.wait(10):
            connection.sendall(after)

    return answer


def reader_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "chatbot-reader"]


def test_the_whole_answer_of_the_chatbot(chatbot: Chatbot, ask: Ask) -> None:  # TC-101, TC-104
    events = ask(chatbot())
    assert [event.type for event in events] == [*["progress"] * 4, "result", "complete"]
    assert [json.loads(event.data)["progress"] for event in events[:4]] == [10, 25, 50, 75]


def test_history_and_flags_reach_the_chatbot(chatbot: Chatbot, client: Client) -> None:  # TC-102
    history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    events = client(chatbot()).send("q", history, auto_load_documents=False, memory_enabled=False)
    metadata = json.loads(next(event.data for event in events if event.type == "result"))["metadata"]
    assert metadata["history_messages"] == 2
    assert metadata["auto_load_documents"] is metadata["memory_enabled"] is False


def test_the_body_of_the_request(serve: Serve, ask: Ask) -> None:
    server = serve(sends(head(), SECOND))
    ask(server.url)
    sent, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in sent
    assert json.loads(body) == {
        "query": "test",
        "conversation_history": [],
        "auto_load_documents": True,
        "memory_enabled": True,
    }


def test_an_error_event_is_the_last_one(chatbot: Chatbot, ask: Ask) -> None:  # TC-401
    assert ask(f"{chatbot()}/error")[1:] == [
        ClientEvent("error", '{"error": "Simulated processing error: Document retrieval failed"}')
    ]


def deflated(make: Callable[[], Any]) -> tuple[bytes, bytes]:
    """Both events in one compressed stream, flushed between them."""
    packer = make()
    first = packer.compress(FIRST) + packer.flush(zlib.Z_SYNC_FLUSH)
    return first, packer.compress(SECOND) + packer.flush()


def brotlied() -> tuple[bytes, bytes]:
    packer = brotli.Compressor()
    return packer.process(FIRST) + packer.flush(), packer.process(SECOND) + packer.finish()


def framings() -> Iterator[Any]:
    yield pytest.param(CHUNKED + chunk(FIRST), chunk(SECOND) + b"0\r\n\r\n", id="chunked")
    yield pytest.param(head() + FIRST, SECOND, id="until-close")
    yield pytest.param(head(f"Content-Length: {len(FIRST + SECOND)}") + FIRST, SECOND, id="content-length")
    whole = chunk(FIRST + SECOND)
    cut = whole.index(FIRST) + len(FIRST) + 5
    yield pytest.param(CHUNKED + whole[:cut], whole[cut:] + b"0\r\n\r\n", id="inside-a-chunk")
    codings = {
        "gzip": deflated(lambda: zlib.compressobj(wbits=31)),
        "deflate": deflated(zlib.compressobj),
        "br": brotlied(),
    }
    for coding, (first, second) in codings.items():
        top = head("Transfer-Encoding: chunked", f"Content-Encoding: {coding}")
        yield pytest.param(top + chunk(first), chunk(second) + b"0\r\n\r\n", id=coding)
        yield pytest.param(head(f"Content-Encoding: {coding}") + first, second, id=f"{coding}-until-close")


@pytest.mark.parametrize(("before", "after"), list(framings()))
def test_an_event_is_delivered_before_the_next_is_sent(
    serve: Serve, client: Client, before: bytes, after: bytes
) -> None:
    gate = threading.Event()
    events = client(serve(gated(before, gate, after)).url).send("test")
    seen = [next(events)]
    gate.set()  # had the event been held back, next() would still wait, and the gate stay closed
    assert [*seen, *events] == EVENTS


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(sends(CHUNKED, chunk(FIRST)), id="no last chunk"),
        pytest.param(sends(CHUNKED, chunk(FIRST), b"20\r\nevent: re"), id="a chunk is cut"),
        pytest.param(sends(CHUNKED, chunk(FIRST), b"zz\r\n"), id="a chunk size that is no number"),
        pytest.param(sends(CHUNKED, chunk(FIRST), b"5"), id="a chunk size is cut"),
        pytest.param(sends(head("Content-Length: 999"), FIRST), id="short content length"),
        pytest.param(resets_after(head(), FIRST), id="reset"),
        pytest.param(sends(head(), FIRST, SECOND[:-1]), id="an event is cut"),
        pytest.param(
            sends(head("Content-Encoding: gzip"), gzip.compress(FIRST)[:-8] + b"x" * 99), id="bad gzip"
        ),
    ],
)
def test_a_stream_that_breaks(serve: Serve, ask: Ask, answer: Answer) -> None:
    events = ask(serve(answer).url)
    assert events[-1] == BROKE
    assert events[:-1] in ([], EVENTS[:1])  # a reset may overtake what was sent before it


def test_a_broken_stream_is_logged(
    serve: Serve, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:  # TC-502
    ask(serve(sends(CHUNKED, chunk(FIRST))).url)
    assert "❌ Chunked encoding error" in caplog.text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (FIRST + SECOND, EVENTS),  # no `complete`
        (FIRST, EVENTS[:1]),  # not even a result: the end is still a clean one
        (b"", []),
        (b"data: not json\n\n", [ClientEvent("message", "not json")]),
        (b"event: progress\ndata: [1,\ndata: 2]\n\n", [ClientEvent("progress", "[1,\n2]")]),
        (b"event: progress\r\ndata: \xff\r\n\r\n", [ClientEvent("progress", "�")]),
        (b": comment\n\nevent: x\n\n" + FIRST, EVENTS[:1]),
        (COMPLETE + FIRST, [ClientEvent("complete", "{}")]),
        (b"event: error\ndata: no\n\n" + FIRST, [ClientEvent("error", "no")]),
    ],
)
def test_what_a_client_must_survive(serve: Serve, ask: Ask, body: bytes, expected: list[ClientEvent]) -> None:
    assert ask(serve(sends(head(f"Content-Length: {len(body)}"), body)).url) == expected


PIECES = [
    b"data: x",
    b"data",
    b"event: result",
    b"id: 1",
    b": no",
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\xef\xbb\xbf",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary()))
def test_any_bytes_give_events_or_one_error(body: list[bytes]) -> None:
    whole = b"".join(body)
    decoder = sse.Decoder()
    expected = [(event.type, event.data) for event in decoder.feed(whole) if event.dispatched]
    cut = decoder.close() is not None
    seen = []
    with pytest.raises(ValueError, match="inside an event") if cut else contextlib.nullcontext():
        for event in sse_stream.decoded(iter(body), 1 << 20):
            seen.append(event)  # noqa: PERF402 - what came before the error counts too
    assert seen == expected


def test_an_event_without_an_end_is_given_up(serve: Serve, ask: Ask) -> None:
    url = serve(sends(head(), FIRST, b"data: " + b"x" * 2000)).url
    assert ask(url, limits=ClientLimits(event=1000)) == [EVENTS[0], BROKE]


def test_a_compressed_event_without_an_end_is_given_up(serve: Serve, ask: Ask) -> None:
    bomb = gzip.compress(b"data: " + b"x" * (1 << 24))
    url = serve(sends(head("Content-Encoding: gzip"), bomb)).url
    assert ask(url, limits=ClientLimits(event=1 << 17)) == [BROKE]


def test_a_server_that_never_ends_its_response_is_left_after_the_last_event(serve: Serve, ask: Ask) -> None:
    done = threading.Event()
    server = serve(gated(CHUNKED + chunk(COMPLETE), done, b""))
    assert ask(server.url, limits=ClientLimits(farewell=0.02)) == [ClientEvent("complete", "{}")]
    done.set()


def test_a_server_that_keeps_talking_is_left_after_the_last_event(serve: Serve, client: Client) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(head() + COMPLETE)
        try:
            while True:
                connection.sendall(FIRST)
        except OSError:
            return

    impatient = client(serve(talk).url, limits=ClientLimits(farewell=0.02))
    assert list(impatient.send("test")) == [ClientEvent("complete", "{}")]


def test_a_silence_that_is_too_long_breaks_the_stream(serve: Serve, ask: Ask) -> None:
    done = threading.Event()
    server = serve(gated(head() + FIRST, done, b""))
    assert ask(server.url, stream_timeout=0.05) == [EVENTS[0], BROKE]
    done.set()


@pytest.mark.parametrize("top", [head(), CHUNKED])
def test_a_silence_is_limited_under_tls_too(serve: Serve, client: Client, tmp_path: Path, top: bytes) -> None:
    authority, done = trustme.CA(), threading.Event()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    body = chunk(FIRST) if top == CHUNKED else FIRST
    asking = client(serve(gated(top + body, done, b""), tls=context).url, stream_timeout=0.05)
    asking.session.trust_env = False  # a CA bundle in the environment would win over this one
    asking.session.verify = str(tmp_path / "ca.pem")
    assert list(asking.send("test")) == [EVENTS[0], BROKE]
    done.set()


def test_the_first_time_out_does_not_hold_for_the_stream(serve: Serve, client: Client) -> None:  # TC-504
    gate = threading.Event()
    server = serve(gated(head() + FIRST, gate, SECOND))
    events = client(server.url, timeout=0.3, heartbeat_after=0.4).send("q")
    seen = [next(events), next(events)]
    gate.set()
    seen += [event for event in events if event.type != "heartbeat"]
    assert seen == [EVENTS[0], ClientEvent("heartbeat", "{}"), EVENTS[1]]


def test_a_slow_chatbot_gets_heartbeats_of_the_client(chatbot: Chatbot, ask: Ask) -> None:  # TC-504
    kinds = [event.type for event in ask(f"{chatbot(pace=0.002)}/slow", heartbeat_after=0.05)]
    silence = kinds[kinds.index("progress") + 1 : -1]
    assert silence
    assert set(silence) == {"heartbeat"}
    assert kinds[-1] == "result"


def test_the_servers_heartbeats_are_passed_on(chatbot: Chatbot, ask: Ask) -> None:
    events = ask(chatbot(pace=0.01, heartbeat=0.5))
    assert events.count(ClientEvent("heartbeat", "{}")) == 4


def test_closing_early_ends_the_thread_and_the_connection(serve: Serve, client: Client) -> None:
    hung_up = threading.Event()

    def wait_for_the_end(connection: socket.socket) -> None:
        connection.sendall(head() + FIRST)
        if connection.recv(1) == b"":
            hung_up.set()

    events = client(serve(wait_for_the_end).url).send("test")
    assert next(events) == EVENTS[0]
    events.close()
    assert hung_up.wait(10)
    assert reader_threads() == []


def test_the_end_of_a_stream_ends_the_thread(chatbot: Chatbot, ask: Ask) -> None:
    ask(chatbot())
    assert reader_threads() == []


def test_a_connection_is_kept_for_the_next_question(chatbot: Chatbot, client: Client) -> None:
    asking = client(chatbot())
    for _ in range(3):
        list(asking.send("test"))
    pools = asking.session.get_adapter(asking.url).poolmanager.pools  # type: ignore[attr-defined]  # HTTPAdapter's
    assert [pools[key].num_connections for key in pools.keys()] == [1]  # noqa: SIM118 - it is no dict


def test_redirects_are_followed(chatbot: Chatbot, serve: Serve, ask: Ask) -> None:
    server = serve(sends_json({}, "307 Temporary Redirect", f"Location: {chatbot()}"))
    assert [event.type for event in ask(server.url)][-2:] == ["result", "complete"]
