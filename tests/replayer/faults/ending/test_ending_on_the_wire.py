from __future__ import annotations

import contextlib
import threading

import pytest
import requests

from platform_client.events import ClientEvent
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
RESULT = 'event: result\ndata: {"response": "grüezi 語"}\n\n'.encode()
COMPLETE = b"event: complete\ndata: {}\n\n"
GOT_PROGRESS = ClientEvent("progress", '{"progress": 1}')
GOT_RESULT = ClientEvent("result", '{"response": "grüezi 語"}')
GOT_COMPLETE = ClientEvent("complete", "{}")
LENGTH = (("Content-Type", "text/event-stream"), ("Content-Length", str(len(PROGRESS + RESULT + COMPLETE))))
BROKE = "Stream ended prematurely"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.fixture
def replay_with(replay, make_exchange):
    """A replay server of one stream, with one fault."""

    def start(line, headers=EVENT_STREAM):
        pieces = [(0, PROGRESS), (0, RESULT), (0, COMPLETE)]
        stream = make_exchange(pieces, headers, method="POST", url="http://bot" + STREAM, body=QUESTION)
        return replay(stream, faults=[line])

    return start


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "line", ["truncate after-events=1", "hang after-events=1", "bad-chunk after-events=1",
             "garbage size=100 after-events=1", "slow-close time=10ms after-events=1"],
)  # fmt: skip
def test_to_the_platform_the_stream_ended_prematurely(replay_with, line):
    progress, error = events(replay_with(line), stream_timeout=0.2)
    assert progress == GOT_PROGRESS
    assert message(error) == BROKE


def test_to_the_platform_a_reset_is_such_an_end_too(replay_with):
    assert message(events(replay_with("reset after-events=1"))[-1]) == BROKE


def test_without_its_last_blank_line_the_last_event_is_lost_to_the_platform(replay_with):
    *before, error = events(replay_with("no-last-blank-line"))
    assert before == [GOT_PROGRESS, GOT_RESULT]
    assert message(error) == BROKE


@pytest.mark.parametrize("line", ["split-utf8", "slow-close time=10ms"])
def test_the_platform_understands_it_all_the_same(replay_with, line):
    assert events(replay_with(line)) == [GOT_PROGRESS, GOT_RESULT, GOT_COMPLETE]


def test_truncate_closes_cleanly(replay_with):
    with replay_with("truncate after-bytes=45").connect() as connection:
        connection.sendall(post())
        with connection.makefile("rb") as reader:  # a reset would raise
            assert body(reader.read()) == chunk(PROGRESS) + chunk(RESULT[: 45 - len(PROGRESS)])


def test_reset_is_seen_as_a_reset(replay_with):
    with replay_with("reset after-events=1").connect() as connection:
        connection.sendall(post())
        received = b""
        with pytest.raises(ConnectionResetError):
            while True:
                received += connection.recv(65536)
        assert body(received) == chunk(PROGRESS)


def test_hang_holds_no_thread_and_the_connection_stays(replay_with):
    server = replay_with("hang after-events=1")
    threads = threading.active_count()
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect()) for _ in range(30)]
        for connection in connections:
            connection.sendall(post())
        for connection in connections:
            received = b""
            while not received.endswith(chunk(PROGRESS)):
                received += connection.recv(65536)
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)
        assert threading.active_count() == threads


@pytest.mark.parametrize("headers", [EVENT_STREAM, LENGTH])
def test_slow_close_ends_late(replay_with, headers):
    server = replay_with("slow-close time=60ms", headers)
    answer, took = timed(lambda: server.ask(LAST))
    whole = [chunk(PROGRESS), chunk(RESULT), chunk(COMPLETE), b"0\r\n\r\n"]
    assert body(answer) == (PROGRESS + RESULT + COMPLETE if headers is LENGTH else b"".join(whole))
    assert took >= 60 * MS


def test_slow_close_closes_a_connection_that_would_be_kept(replay_with):
    with replay_with("slow-close time=10ms", LENGTH).connect() as connection:
        connection.sendall(post())
        with connection.makefile("rb") as reader:
            assert body(reader.read()) == PROGRESS + RESULT + COMPLETE


def test_bad_chunk_is_a_protocol_error(replay_with):
    server = replay_with("bad-chunk after-events=2")
    assert body(server.ask(LAST)) == chunk(PROGRESS) + chunk(RESULT) + b"no size\r\n"
    with (
        requests.Session() as session,
        pytest.raises(requests.exceptions.ChunkedEncodingError, match="InvalidChunkLength"),
    ):
        session.post(server.url + STREAM, data=QUESTION, timeout=10)


def test_bad_chunk_in_a_body_without_chunks_only_breaks_off(replay_with):
    assert body(replay_with("bad-chunk after-events=2", LENGTH).ask(LAST)) == PROGRESS + RESULT


def test_garbage_is_the_same_for_the_same_seed(replay_with):
    answers = [replay_with("garbage size=1kB after-events=1").ask(LAST) for _ in range(2)]
    assert answers[0] == answers[1]
    first, garbage = chunks(answers[0])
    assert (first, len(garbage)) == (PROGRESS, 1000)


def test_split_utf8_makes_chunks_that_are_no_text_alone(replay_with):
    parts = chunks(replay_with("split-utf8").ask(LAST))
    assert parts == [PROGRESS, *cut(RESULT), COMPLETE, b""]
    with pytest.raises(UnicodeDecodeError):
        parts[1].decode()


def cut(data: bytes) -> list[bytes]:
    """Cut after the first byte of both its characters."""
    first, second = data.index("ü".encode()) + 1, data.index("語".encode()) + 1
    return [data[:first], data[first:second], data[second:]]


def test_no_last_blank_line(replay_with):
    assert chunks(replay_with("no-last-blank-line").ask(LAST)) == [PROGRESS, RESULT, COMPLETE[:-1], b""]
    answer = replay_with("no-last-blank-line", LENGTH).ask(LAST)
    assert body(answer) == PROGRESS + RESULT + COMPLETE[:-1]
    assert b"Content-Length: %d\r\n" % len(body(answer)) in answer
