"""The chatbot's endpoints, over real sockets."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cassettes.framings import sse
from chatreel.workflows.threaded_server import Threaded
from foundation.errors import ServerError
from sample_chatbot import script, server
from sample_chatbot.request import ChatRequest
from sample_chatbot.settings import ChatbotSettings

type Start = Callable[..., Any]

SESSION = re.compile(r"session_id=[0-9a-f-]{36}; HttpOnly; Path=/; SameSite=Lax")


def events(body: bytes) -> list[tuple[str, Any]]:
    return [(event.type, json.loads(event.data)) for event in sse.Decoder().feed(body)]


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_health(bot: Any) -> None:  # TC-001
    bot.post("?mode=job")
    answer = bot.ask("GET", "/health")
    assert answer.status == 200
    assert answer.json()["status"] == "healthy"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", answer.json()["timestamp"])
    assert answer.json()["active_jobs"] == 1


def test_each_event_is_one_chunk(bot: Any) -> None:
    body = b'{"query": "chunks"}'
    request = (
        b"POST /api/v1/stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    with bot.connect() as connection:
        connection.sendall(request + body)
        sent = read_all(connection).partition(b"\r\n\r\n")[2]
    blocks = [sse.encode(step.event) for step in script.answer(ChatRequest("chunks"))]
    assert sent == b"".join(b"%x\r\n%b\r\n" % (len(block), block) for block in blocks) + b"0\r\n\r\n"


def test_an_event_is_sent_before_the_next_is_due(start: Start) -> None:
    request = b"POST /api/v1/stream/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    with start(pace=1).connect() as connection:
        connection.sendall(request)
        received = b""
        while b'{"progress": 10}\n\n' not in received:
            received += connection.recv(65536)


def test_the_headers_of_a_stream(bot: Any) -> None:  # TC-301
    headers = dict(bot.post().headers)
    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"
    assert SESSION.fullmatch(headers["Set-Cookie"])
    assert "Server" not in headers


@pytest.mark.parametrize("path", ["", "?mode=job"])
def test_the_session_cookie_is_set_once(bot: Any, path: str) -> None:  # TC-301, TC-302
    first = bot.post(path)
    assert SESSION.fullmatch(*first.cookies())
    assert bot.post(path, cookie=first.cookie()).cookies() == []


@pytest.mark.parametrize("make", ["failing", "timing_out", "slow"])
def test_the_other_streams_play_their_scripts(bot: Any, make: str) -> None:
    path = {"failing": "/error", "timing_out": "/timeout", "slow": "/slow"}[make]
    steps = getattr(script, make)(ChatRequest("test"))
    assert bot.post(path).body == b"".join(sse.encode(step.event) for step in steps)


def test_heartbeats_come_between_steps_at_their_interval(start: Start) -> None:
    kinds = [kind for kind, _ in events(start(pace=0.01, heartbeat=0.25).post().body)]
    beats = ["heartbeat"] * 3
    assert kinds == [*(["progress", *beats] * 4), "result", "complete"]


@pytest.mark.parametrize(
    "settings", [{"pace": 0.01}, {"pace": 0.01, "heartbeat": 0}, {"pace": 0, "heartbeat": 0.1}]
)
def test_no_heartbeat_in_a_step_that_is_shorter_than_the_interval(
    start: Start, settings: dict[str, float]
) -> None:
    assert len(events(start(**settings).post().body)) == 6


def test_a_silent_step_has_no_heartbeats(start: Start) -> None:
    body = start(pace=0.001, heartbeat=1).post("/timeout").body
    assert [kind for kind, _ in events(body)] == ["progress", "complete"]


@pytest.mark.parametrize("body", [b"not valid json", b"[]", b'{"query": 1}', b"100%d"])
def test_a_body_that_is_no_object_gets_400(bot: Any, body: bytes) -> None:  # TC-403
    answer = bot.ask("POST", "/api/v1/stream", body)
    assert answer.status == 400
    assert "JSON object" in answer.json()["error"]


def test_a_missing_query_is_empty(bot: Any) -> None:  # TC-403
    answer = bot.ask("POST", "/api/v1/stream", b'{"invalid": "payload"}')
    assert answer.status == 200
    assert dict(events(answer.body))["result"]["response"].count('""') == 1


def test_a_body_that_is_too_long_is_refused(bot: Any) -> None:
    with bot.connect() as connection:
        connection.sendall(b"POST /api/v1/stream HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/jobs/invalid_job_id", 404, "Job not found"),
        ("POST", "/jobs/invalid_job_id/fail", 404, "Job not found"),
        ("DELETE", "/jobs/invalid_job_id/delete", 404, "Job not found"),
        ("GET", "/nowhere", 404, "Not found"),
        ("PUT", "/jobs", 405, "Method Not Allowed"),
    ],
)
def test_what_is_not_there(bot: Any, method: str, path: str, status: int, message: str) -> None:  # TC-404
    answer = bot.ask(method, path)
    assert (answer.status, answer.json()) == (status, {"error": message})


def test_a_job_is_polled_to_its_end(bot: Any) -> None:  # TC-201, TC-202
    created = bot.post("?mode=job")
    job_id = created.json()["job_id"]
    assert created.status == 202
    assert created.json() == {"job_id": job_id, "status": "pending", "polling_url": f"/jobs/{job_id}"}
    polls = [bot.ask("GET", f"/jobs/{job_id}", cookie=created.cookie()).json() for _ in range(4)]
    assert [(poll["status"], poll["latest_progress"]["progress"]) for poll in polls] == [
        ("running", 25),
        ("running", 50),
        ("running", 75),
        ("succeeded", 100),
    ]
    assert [poll["result"] is None for poll in polls] == [True, True, True, False]


def test_the_polling_url_can_be_relative_absolute_or_missing(start: Start) -> None:  # TC-203
    for kind in ("relative", "absolute", "none"):
        bot = start(polling_url=kind)
        job = bot.post("?mode=job").json()
        path = f"/jobs/{job['job_id']}"
        absolute = f"http://{bot.host}:{bot.port}{path}"
        assert job.get("polling_url") == {"relative": path, "absolute": absolute, "none": None}[kind]


def test_a_job_can_be_made_to_fail(bot: Any) -> None:  # TC-402
    created = bot.post("?mode=job")
    path = f"/jobs/{created.json()['job_id']}"
    assert bot.ask("POST", f"{path}/fail").status == 200
    answer = bot.ask("GET", path, cookie=created.cookie()).json()
    assert (answer["status"], answer["error"]) == ("failed", "Manually failed for testing purposes")
    assert answer["latest_progress"]


def test_a_job_can_be_deleted(bot: Any) -> None:
    path = f"/jobs/{bot.post('?mode=job').json()['job_id']}"
    assert bot.ask("DELETE", f"{path}/delete").status == 200
    assert bot.ask("GET", path).status == 404


def test_the_list_of_jobs_shows_each_session(bot: Any) -> None:
    made = {bot.post("?mode=job").cookie() for _ in range(3)}
    listed = bot.ask("GET", "/jobs").json()["jobs"]
    assert {f"session_id={job['session_id']}" for job in listed} == made
    assert len(made) == 3


@pytest.mark.parametrize("cookie", ["", "session_id=another"])
def test_a_lost_session_is_answered_with_a_warning(
    bot: Any, cookie: str, caplog: pytest.LogCaptureFixture
) -> None:  # TC-304
    job_id = bot.post("?mode=job").json()["job_id"]
    assert bot.ask("GET", f"/jobs/{job_id}", cookie=cookie).status == 200
    assert "⚠️ Session mismatch!" in caplog.text


@pytest.mark.parametrize(
    ("cookie", "status", "message"),
    [
        ("", 401, "Session expired"),
        ("AWSALB=x", 401, "Session expired"),
        ("session_id={own}", 401, "Session expired"),
        ("AWSALB=x; session_id=another", 404, "Job not found"),
        ("AWSALB=x; session_id={own}", 200, None),
    ],
)
def test_strict_sessions_refuse_a_lost_session(
    start: Start, cookie: str, status: int, message: str | None
) -> None:
    bot = start(strict_sessions=True, workers_cookie=True)
    created = bot.post("?mode=job")
    own = re.search(r"session_id=([^;]+)", created.cookie())
    assert own
    answer = bot.ask("GET", f"/jobs/{created.json()['job_id']}", cookie=cookie.format(own=own[1]))
    assert (answer.status, answer.json().get("error")) == (status, message)


def test_the_workers_cookie_changes_on_every_response(start: Start) -> None:
    bot = start(workers_cookie=True)
    job = bot.post("?mode=job")
    answers = [
        job,
        bot.post(cookie=job.cookie()),
        bot.ask("GET", f"/jobs/{job.json()['job_id']}", cookie=job.cookie()),
        bot.ask("GET", "/health"),
        bot.ask("GET", "/jobs"),
        bot.ask("GET", "/nowhere"),
        bot.ask("PUT", "/jobs"),
        bot.ask("POST", "/api/v1/stream", b"bad"),
    ]
    names = [re.findall(r"(AWSALB(?:CORS)?)=", " ".join(answer.cookies())) for answer in answers]
    assert names == [["AWSALB", "AWSALBCORS"]] * len(answers)
    assert len({answer.cookies()[0] for answer in answers}) == len(answers)


def test_concurrent_streams_do_not_mix(start: Start) -> None:  # TC-503
    bot = start(pace=0.01)
    queries = [f"Request {number}" for number in range(8)]
    with ThreadPoolExecutor(len(queries)) as pool:
        answers = list(pool.map(lambda query: bot.post(query=query), queries))
    for query, answer in zip(queries, answers, strict=True):
        assert f'"{query}"' in dict(events(answer.body))["result"]["response"]
        assert not [other for other in queries if other != query and other.encode() in answer.body]
    assert len({answer.cookie() for answer in answers}) == len(queries)


def test_the_log_tells_what_the_scenarios_quote(bot: Any, caplog: pytest.LogCaptureFixture) -> None:  # TC-102
    caplog.set_level(logging.INFO, "sample_chatbot")
    history = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    body = json.dumps({"query": "q\n\x1b[2J", "conversation_history": history}).encode()
    session = bot.ask("POST", "/api/v1/stream", body).cookie().removeprefix("session_id=")
    assert "Conversation history: 2 messages" in caplog.messages
    assert f"Session: '{session}'" in caplog.messages
    assert r"Query: 'q\n\x1b[2J'" in caplog.messages


@pytest.fixture
def gone(caplog: pytest.LogCaptureFixture) -> Iterator[threading.Event]:
    """Set when the chatbot says that a client went away."""
    caplog.set_level(logging.INFO, "sample_chatbot")
    seen = threading.Event()

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "went away" in record.getMessage():
                seen.set()

    watch = Watch()
    logging.getLogger("sample_chatbot").addHandler(watch)
    yield seen
    logging.getLogger("sample_chatbot").removeHandler(watch)


def test_a_client_that_goes_away_ends_its_stream(start: Start, gone: threading.Event) -> None:
    with start(pace=1).connect() as connection:
        connection.sendall(b"POST /api/v1/stream/timeout HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        connection.recv(1)
    assert gone.wait(10)


def test_stopping_the_chatbot_ends_its_streams(gone: threading.Event) -> None:
    with Threaded(lambda: server.run(ChatbotSettings(pace=1))) as url:
        port = int(url.rpartition(":")[2])
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(b"POST /api/v1/stream/timeout HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        connection.recv(1)
    with connection:
        read_all(connection)
    assert gone.is_set()


def test_an_address_that_is_taken_is_named(bot: Any) -> None:
    with (
        pytest.raises(ServerError, match=f"cannot listen on 127.0.0.1:{bot.port}"),
        Threaded(lambda: server.run(ChatbotSettings(), port=bot.port)),
    ):
        pass
