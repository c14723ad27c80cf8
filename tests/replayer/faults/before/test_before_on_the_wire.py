from __future__ import annotations

import json

import pytest

from platform_client.client import PlatformClient
from tests.replayer.faults.apply_faults import MS
from tests.replayer.faults.http_client import (
    EVENT_STREAM,
    LAST,
    QUESTION,
    STREAM,
    events,
    message,
    post,
    timed,
)

RESULT = b'event: result\ndata: {"response": "hi"}\n\n'
WHOLE = b"28\r\n" + RESULT + b"\r\n0\r\n\r\n"
FAILED = "Failed to connect to chatbot: "


@pytest.fixture
def replay_with(replay, make_exchange):
    """A replay server of one stream, with one fault."""

    def start(line, headers=EVENT_STREAM):
        stream = make_exchange(
            [(0, RESULT)], headers, method="POST", url="http://bot" + STREAM, body=QUESTION
        )
        return replay(stream, faults=[line])

    return start


def test_delay_holds_the_answer_back(replay_with):
    server = replay_with("delay time=60ms")
    answer, took = timed(lambda: server.ask(LAST))
    assert answer.endswith(WHOLE)
    assert took >= 60 * MS


def test_delay_is_too_long_for_an_impatient_client(replay_with):
    (event,) = events(replay_with("delay time=30s"), timeout=0.2)
    assert message(event).startswith(FAILED)
    assert "it did not answer in time" in message(event)


def test_refuse_is_a_reset(replay_with):
    server = replay_with("refuse first=1")
    with server.connect() as connection:
        connection.sendall(post())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert server.ask(LAST).endswith(WHOLE)


def test_refuse_to_the_platform_is_a_failure_to_connect(replay_with):
    (event,) = events(replay_with("refuse"))
    assert message(event).startswith(FAILED)
    assert "it reset the connection" in message(event)


def test_empty_closes_without_a_byte(replay_with):
    with replay_with("empty").connect() as connection:
        connection.sendall(post())
        assert connection.recv(1) == b""


def test_empty_to_the_platform_is_a_failure_to_connect(replay_with):
    (event,) = events(replay_with("empty"))
    assert message(event).startswith(FAILED)
    assert "it closed the connection without an answer" in message(event)


def test_status_answers_and_keeps_the_connection(replay_with):
    server = replay_with(
        'status code=503 retry-after=1500ms header=X-Pool:a body=\'{"error": "busy"}\' times=2'
    )
    refused = (
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 2\r\n"
        b'X-Pool: a\r\nContent-Length: 17\r\n\r\n{"error": "busy"}'
    )
    answers = server.ask(post() + post() + LAST)
    assert answers.startswith(refused + refused + b"HTTP/1.1 200 OK\r\n")
    assert answers.endswith(WHOLE)


def test_status_to_the_platform_is_an_http_error(replay_with):
    (event,) = events(replay_with("status code=429 retry-after=3s body='slow down'"))
    assert message(event).startswith(FAILED + "429 Client Error: Too Many Requests for url: ")


def test_status_of_a_poll_is_a_polling_error(replay, make_exchange):
    length = (("Content-Type", "application/json"),)
    job = {"job_id": "job_1", "status": "pending"}
    ask = make_exchange([(0, json.dumps(job).encode())], length, method="POST", url="http://bot/api/v1/stream",
                        body=QUESTION)  # fmt: skip
    poll = make_exchange([(0, json.dumps(job | {"status": "running"}).encode())], length,
                         url="http://bot/jobs/job_1")  # fmt: skip
    server = replay(ask, poll, faults=["status code=502 path=/jobs/* nth=2"])
    with PlatformClient(server.url + STREAM, poll_interval=0.001) as client:
        *_, event = client.send("hi")
    assert message(event).startswith("Job polling error: 502 Server Error: Bad Gateway for url: ")


def test_status_without_a_body_leaves_the_connection_usable(replay_with):
    answers = replay_with("status code=204 nth=1").ask(post() + LAST)
    assert answers.startswith(b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_header_is_set_and_dropped(replay_with):
    answer = replay_with(
        "header set='cache-control: max-age=60' drop=X-Old", (*EVENT_STREAM, ("X-Old", "1"))
    ).ask(LAST)
    assert answer == (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        b"cache-control: max-age=60\r\n\r\n" + WHOLE
    )


def test_header_drops_the_framing(replay_with):
    answer = replay_with("header drop=transfer-encoding").ask(post())
    assert answer == b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + RESULT


def test_header_that_lies_about_the_length_breaks_the_stream(replay_with):
    server = replay_with(
        "header set=Content-Length:500", (("Content-Type", "text/event-stream"), ("Content-Length", "40"))
    )
    *before, last = events(server)
    assert [event.type for event in before] == ["result"]
    assert message(last) == "Stream ended prematurely"


def test_content_type_is_one_that_the_platform_does_not_expect(replay_with):
    server = replay_with("content-type value='text/html; charset=utf-8'")
    assert server.ask(LAST).startswith(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n")
    (event,) = events(server)
    assert message(event) == "Unexpected response type: text/html"
