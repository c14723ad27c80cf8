from __future__ import annotations

import threading

import pytest

from replayer.forwarding.miss_policy import MissPolicy
from tests.replayer.faults.apply_faults import MS
from tests.replayer.faults.http_client import (
    EVENT_STREAM,
    LAST,
    QUESTION,
    STREAM,
    chunks,
    events,
    message,
    post,
    timed,
)

PROGRESS = b'event: progress\ndata: {"progress": 1}\n\n'
RESULT = 'event: result\ndata: {"response": "grüezi"}\n\n'.encode()
COMPLETE = b"event: complete\ndata: {}\n\n"


@pytest.fixture
def replay_with(replay, make_exchange):
    """A replay server of one stream, with one fault; all pieces were recorded at once."""

    def start(line, *pieces):
        pieces = [(0, piece) for piece in pieces or (PROGRESS, RESULT, COMPLETE)]
        stream = make_exchange(pieces, EVENT_STREAM, method="POST", url="http://bot" + STREAM, body=QUESTION)
        return replay(stream, faults=[line])

    return start


@pytest.fixture
def proxied(replay, raw_server, read_request):
    """A fault-injecting reverse proxy before an upstream that sends these bytes, and then nothing more."""
    over = threading.Event()

    def start(line, data):
        def talk(connection):
            read_request(connection)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                + data
            )
            over.wait(10)

        return replay(faults=[line], misses=MissPolicy(on_miss="forward", upstream=raw_server(talk).url))

    yield start
    over.set()


def ask_until(server, end):
    """What comes until these bytes have, or the answer ends; and how long it takes."""

    def ask():
        received = b""
        connection.sendall(post())
        while not received.endswith(end) and (data := connection.recv(65536)):
            received += data
        return received

    with server.connect() as connection:
        return timed(ask)


def in_chunk(data):
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.parametrize(
    ("line", "pieces", "expected", "least"),
    [
        ("latency time=60ms", [PROGRESS, RESULT], [PROGRESS, RESULT], 60),
        ("latency time=60ms per=event", [PROGRESS + RESULT], [PROGRESS + RESULT], 60),
        ("stall after-events=1 time=60ms", [PROGRESS + RESULT], [PROGRESS, RESULT], 60),
        ("throttle rate=500", [PROGRESS], [PROGRESS[:25], PROGRESS[25:]], 78),
        ("rate events=25", [PROGRESS + RESULT + COMPLETE], [PROGRESS, RESULT, COMPLETE], 80),
        ("slice size=30 time=40ms", [RESULT], [RESULT[:30], RESULT[30:]], 40),
        ("slice size=37", [RESULT], [RESULT[:37], RESULT[37:]], 0),
        ("coalesce", [PROGRESS, RESULT], [PROGRESS + RESULT], 0),
        ("coalesce window=1h", [PROGRESS, RESULT], [PROGRESS + RESULT], 0),
    ],
)  # fmt: skip
def test_chunks_come_at_another_pace(replay_with, line, pieces, expected, least):
    server = replay_with(line, *pieces)
    answer, took = timed(lambda: server.ask(LAST))
    assert chunks(answer) == [*expected, b""]
    assert took >= least * MS


@pytest.mark.parametrize(
    "line",
    [
        "latency time=20ms jitter=10ms per=event",
        "stall after-bytes=20 time=20ms",
        "throttle rate=2kB",
        "rate events=50",
        "slice size=1",
        "coalesce window=20ms",
    ],
)
def test_the_platform_gets_the_same_events(replay_with, line):
    assert events(replay_with(line)) == [
        ("progress", '{"progress": 1}'),
        ("result", '{"response": "grüezi"}'),
        ("complete", "{}"),
    ]


def test_a_stall_is_a_broken_stream_to_the_platform(replay_with):
    first, last = events(replay_with("stall after-events=1"), stream_timeout=0.5)
    assert first.type == "progress"
    assert message(last) == "Stream ended prematurely"


def test_a_stall_is_a_heartbeat_to_the_platform_meanwhile(replay_with):
    found = [
        event.type for event in events(replay_with("stall after-events=1 time=300ms"), heartbeat_after=0.1)
    ]
    assert [kind for kind in found if kind != "heartbeat"] == ["progress", "result", "complete"]
    assert "heartbeat" in found[found.index("progress") : found.index("result")]


def test_a_buffer_before_a_live_stream_empties_while_the_stream_is_silent(proxied):
    server = proxied("coalesce window=40ms", in_chunk(PROGRESS) + in_chunk(RESULT))
    answer, took = ask_until(server, in_chunk(PROGRESS + RESULT))
    assert chunks(answer) == [PROGRESS + RESULT]
    assert took >= 40 * MS


@pytest.mark.parametrize(
    ("line", "expected", "least"),
    [
        ("latency time=60ms", [PROGRESS + RESULT], 60),
        ("stall after-events=1 time=60ms", [PROGRESS, RESULT], 60),
        ("rate events=20", [PROGRESS, RESULT], 50),
        ("slice size=39 time=30ms", [PROGRESS, RESULT[:39], RESULT[39:]], 60),
        ("throttle rate=1kB", [PROGRESS + RESULT[:11], RESULT[11:]], 50),
    ],
)
def test_a_live_stream_comes_at_another_pace(proxied, line, expected, least):
    server = proxied(line, in_chunk(PROGRESS + RESULT))
    answer, took = ask_until(server, b"".join(map(in_chunk, expected)))
    assert chunks(answer) == expected
    assert took >= least * MS
