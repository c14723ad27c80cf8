"""Pattern 2, over real sockets and as pure functions."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import SYSTEM
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent, ConversationError
from platform_client.polled_job import Polling, failure, latest_progress, polling_url
from tests.platform_client.raw_server import AnsweringServer, sends_json

type Chatbot = Callable[..., str]
type Client = Callable[..., PlatformClient]
type Serve = Callable[..., AnsweringServer]
type Ask = Callable[..., list[ClientEvent]]

ASKED = "http://127.0.0.1:5000/api/v1/stream?mode=job"
CREATED = sends_json({"job_id": "job_1", "status": "pending"}, "202 Accepted")
RUNNING = sends_json({"job_id": "job_1", "status": "running"})

texts = st.text("a/:?#[]%\\ é\0\n\ud800")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def error(message: str) -> ClientEvent:
    return ClientEvent("error", json.dumps({"error": message}))


def progress_of(events: list[ClientEvent]) -> list[Any]:
    return [json.loads(event.data)["progress"] for event in events if event.type == "progress"]


@pytest.mark.parametrize("kind", ["relative", "absolute", "none"])
def test_a_job_becomes_the_events_of_a_stream(
    chatbot: Chatbot, ask: Ask, kind: str
) -> None:  # TC-201, TC-203
    events = ask(f"{chatbot(polling_url=kind)}?mode=job")
    assert [event.type for event in events] == [*["progress"] * 4, "result"]
    assert progress_of(events) == [25, 50, 75, 100]
    assert '"test"' in json.loads(events[-1].data)["response"]


@pytest.mark.parametrize("workers", [False, True])
def test_the_session_survives_all_polls(chatbot: Chatbot, ask: Ask, workers: bool) -> None:  # TC-303
    events = ask(f"{chatbot(strict_sessions=True, workers_cookie=workers)}?mode=job")
    assert events[-1].type == "result"


def test_a_client_that_keeps_no_cookies_loses_its_job(chatbot: Chatbot, client: Client) -> None:
    forgetful = client(f"{chatbot(strict_sessions=True)}?mode=job")
    forgetful.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    events = list(forgetful.send("test"))
    assert len(events) == 1
    assert json.loads(events[0].data)["error"].startswith("Job polling error: 401 Client Error")


def test_the_log_shows_polls_and_cookies(
    chatbot: Chatbot, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:  # TC-204, TC-303
    caplog.set_level(logging.INFO, "platform_client")
    ask(f"{chatbot()}?mode=job")
    lines = [record.getMessage() for record in caplog.records if record.name == "platform_client"]
    received = re.fullmatch(r"✅ Cookies received: (\{'session_id': '[0-9a-f-]{36}'\})", lines[0])
    assert received
    assert lines[1] == f"✅ Session cookies: {received[1]}"
    assert [line for line in lines if line.startswith("Poll attempt")] == [
        f"Poll attempt {attempt}/150" for attempt in (1, 2, 3, 4)
    ]
    assert lines.count(f"🔑 Sending cookies: {received[1]}") == 4
    assert lines.count("📥 Poll response status: 200") == 4
    assert "Job status: running (50%)" in lines
    assert lines[-1] == "✅ Job finished with status: succeeded"


def test_the_log_shows_only_cookies_that_are_sent(
    chatbot: Chatbot, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "platform_client")
    ask(f"{chatbot(workers_cookie=True)}?mode=job")
    sending = [line for line in caplog.messages if "Sending cookies" in line]
    assert all("'AWSALB':" in line and "AWSALBCORS" not in line for line in sending)
    assert len(set(sending)) == 4


def test_an_answer_without_cookies_is_a_warning(
    serve: Serve, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    ask(serve(CREATED, sends_json({"status": "failed"})).url)
    assert "⚠️ NO COOKIES received" in caplog.messages


def test_polls_run_out(serve: Serve, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:  # TC-501
    caplog.set_level(logging.INFO, "platform_client")
    server = serve(CREATED, RUNNING)
    assert ask(server.url, poll_interval=10, max_poll_time=30) == [error("Job polling timeout exceeded")]
    assert [line for line in caplog.messages if "attempt" in line] == [
        "Poll attempt 1/3",
        "Poll attempt 2/3",
        "Poll attempt 3/3",
    ]
    assert caplog.messages[-1] == "❌ Job polling timeout"
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("interval", "max_time", "attempts"), [(2, 300, 150), (10, 30, 3), (0.1, 0.3, 3), (7, 30, 4), (60, 30, 1)]
)
def test_the_number_of_polls(interval: float, max_time: float, attempts: int) -> None:
    assert Polling(interval=interval, max_time=max_time, timeout=1).attempts == attempts


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": "failed", "error": "why"}, [error("why")]),
        ({"status": "failed"}, [error("Job failed")]),
        ({"status": "failed", "error": None}, [error("Job failed")]),
        ({"status": "succeeded"}, [error("Job polling error: the job finished without a result")]),
        ({"status": "completed", "result": {"a": 1}}, [ClientEvent("result", '{"a": 1}')]),
        (
            {"status": "failed", "latest_progress": {"progress": 5}, "error": "why"},
            [ClientEvent("progress", '{"progress": 5}'), error("why")],
        ),
        (b"not json", [error("Job polling error: the answer is not JSON")]),
        (b"[" * 100_000, [error("Job polling error: the answer is not JSON")]),
        ([], [error("Job polling error: the answer is not a JSON object")]),
        (None, [error("Job polling error: the answer is not a JSON object")]),
    ],
)
def test_how_a_poll_can_end_a_job(serve: Serve, ask: Ask, answer: Any, expected: list[ClientEvent]) -> None:
    assert ask(serve(CREATED, sends_json(answer)).url) == expected


@pytest.mark.parametrize("status", ["pending", "queued", "running", "never heard of", None, 5])
def test_other_statuses_go_on(serve: Serve, ask: Ask, status: Any) -> None:
    done = sends_json({"status": "succeeded", "result": {}})
    assert ask(serve(CREATED, sends_json({"status": status}), done).url) == [ClientEvent("result", "{}")]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:1/x", "Connection refused"),
        ("ftp://127.0.0.1/x", "No connection adapters"),
        ("http://[::1", "Invalid"),
    ],
)
def test_a_polling_url_that_leads_nowhere(serve: Serve, ask: Ask, url: str, reason: str) -> None:
    events = ask(serve(sends_json({"job_id": "1", "polling_url": url})).url)
    assert len(events) == 1
    message = json.loads(events[0].data)["error"]
    assert message.startswith("Job polling error: ")
    assert reason in message


def test_a_job_id_that_fits_no_url(serve: Serve, ask: Ask) -> None:
    events = ask(serve(sends_json({"job_id": "\ud800"})).url)
    assert json.loads(events[0].data)["error"].startswith("Job polling error: ")


def test_a_poll_that_gets_an_error_status(serve: Serve, ask: Ask) -> None:
    server = serve(CREATED, sends_json({"error": "Job not found"}, "404 Not Found"))
    origin = server.url.removesuffix("/api/v1/stream")
    assert ask(server.url) == [
        error(f"Job polling error: 404 Client Error: Not Found for url: {origin}/jobs/job_1")
    ]


def test_a_poll_that_breaks(serve: Serve, ask: Ask) -> None:
    broken = sends_json({"status": "running"}, "200 OK", "Content-Length: 999")
    events = ask(serve(CREATED, broken).url)
    assert json.loads(events[0].data)["error"].startswith("Job polling error: ")


@pytest.mark.parametrize(
    "body", [{}, {"job_id": ""}, {"job_id": None}, {"job_id": []}, [], "job_1", b"job_1", b""]
)
def test_an_answer_without_a_job_id(serve: Serve, ask: Ask, body: Any) -> None:
    assert ask(serve(sends_json(body)).url) == [error("Invalid job response: missing job_id")]


def test_closing_early_ends_a_pause_at_once(serve: Serve, client: Client) -> None:
    running = sends_json({"status": "running", "latest_progress": {"progress": 5}})
    events = client(serve(CREATED, running).url, poll_interval=3600, clock=SYSTEM).send("test")
    assert next(events).type == "progress"
    events.close()  # the test's own time-out says when this waits


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        ({"job_id": "job_123", "polling_url": "/jobs/job_123"}, "http://127.0.0.1:5000/jobs/job_123"),
        ({"job_id": "job_123", "polling_url": "http://a.test/b?c"}, "http://a.test/b?c"),
        ({"job_id": "job_123"}, "http://127.0.0.1:5000/jobs/job_123"),
        ({"job_id": "job_123", "polling_url": None}, "http://127.0.0.1:5000/jobs/job_123"),
        ({"job_id": "job_123", "polling_url": "polls/1"}, "http://127.0.0.1:5000/api/v1/polls/1"),
        ({"job_id": 7}, "http://127.0.0.1:5000/jobs/7"),
        ({"job_id": "../a b?c"}, "http://127.0.0.1:5000/jobs/..%2Fa%20b%3Fc"),
    ],
)
def test_where_a_job_is_polled(answer: dict[str, Any], url: str) -> None:  # TC-203
    assert polling_url(ASKED, answer) == url


@pytest.mark.parametrize(
    ("answer", "progress"),
    [
        ({"latest_progress": {"progress": 1}}, {"progress": 1}),
        ({"progress": [{"progress": 1}, {"progress": 2}]}, {"progress": 2}),
        ({"latest_progress": [{"progress": 3}]}, {"progress": 3}),
        ({"latest_progress": None, "progress": []}, {}),
        ({"progress": 25}, {}),
        ({}, {}),
    ],
)
def test_the_latest_progress(answer: dict[str, Any], progress: dict[str, Any]) -> None:
    assert latest_progress(answer) == progress


@pytest.mark.parametrize(
    ("answer", "message"),
    [({"error": "why"}, "why"), ({}, "Job failed"), ({"error": {"code": 1}}, '{"code": 1}')],
)
def test_why_a_job_failed(answer: dict[str, Any], message: str) -> None:
    assert failure(answer) == message


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("job_id", "polling_url", "latest_progress", "progress", "error"), json_values
        ),
    )
)
def test_any_answer_is_survived(answer: dict[str, Any]) -> None:
    with contextlib.suppress(ConversationError):
        assert isinstance(polling_url(ASKED, answer), str)
    assert isinstance(latest_progress(answer), dict)
    assert isinstance(failure(answer), str)
