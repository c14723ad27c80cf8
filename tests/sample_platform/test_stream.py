"""`POST /analytics/chat/stream` on the wire: what the page gets, what is kept, what is refused."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from chatreel.workflows.threaded_server import Threaded
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.raw_server import RawServer, Talk
from tests.sample_platform.chatbots import COMPLETE, Directed, Saying, event, result
from tests.sample_platform.running import Platform, Visitor, asking, events_of

type Start = Callable[[Talk], RawServer]

STREAM = "/analytics/chat/stream"


@pytest.fixture(scope="session")
def visitor(platform: Platform) -> Visitor:
    return platform.visitor()


@pytest.fixture
def asked(raw_server: Start, visitor: Visitor) -> Callable[..., list[tuple[str, Any]]]:
    """Asks a chatbot that talks so."""

    def ask(talk: Talk, query: str = "What?", **fields: Any) -> list[tuple[str, Any]]:
        with asking(raw_server(talk).url):
            return visitor.ask(query, **fields)

    return ask


@pytest.fixture
def directed(raw_server: Start) -> Iterator[Directed]:
    """A chatbot that a test directs; the platform asks it."""
    chatbot = Directed()
    with asking(raw_server(chatbot).url):
        yield chatbot


def chat_of(response: requests.Response) -> Any:
    """The chat behind a stream."""
    from sample_platform.analytics.running import RUNNING  # noqa: PLC0415 - Django must be set up first

    return RUNNING._chats.get(uuid.UUID(response.headers["Chat-Id"]))


# What the page gets.


def test_every_event_reaches_the_page_at_once(directed: Directed, visitor: Visitor) -> None:
    with visitor.open("At once?") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-cache"
        events = events_of(response)
        for percent in (10, 50):
            directed.say(event("progress", progress=percent))
            assert json.loads(next(events).data) == {
                "progress": percent
            }  # the chatbot has said no more by now
        directed.end(result(), COMPLETE)
        assert [one.type for one in events] == ["result", "complete"]


def test_the_chatbot_is_asked_what_the_page_asks(raw_server: Start, visitor: Visitor) -> None:
    chatbot = Saying(result())
    history = [{"role": "user", "content": "é"}, {"role": "assistant", "content": "→"}]
    fields = {"conversation_history": history, "auto_load_documents": False, "memory_enabled": False}
    with asking(raw_server(chatbot).url):
        visitor.ask("What about it?", **fields)
        visitor.ask("")
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in chatbot.requests]
    assert bodies == [
        {"query": "What about it?", **fields},
        {"query": "", "conversation_history": [], "auto_load_documents": True, "memory_enabled": True},
    ]


def test_what_is_no_json_passes_through(raw_server: Start, visitor: Visitor) -> None:
    talk = Saying(b"data: one\ndata: two\n\nevent: progress\ndata: {\n\n", result(), COMPLETE)
    with asking(raw_server(talk).url), visitor.open("Odd?") as response:
        assert [(one.type, one.data) for one in events_of(response)][:2] == [
            ("message", "one\ntwo"),
            ("progress", "{"),
        ]


def test_silence_is_filled_with_heartbeats(raw_server: Start, visitor: Visitor) -> None:
    chatbot = Directed()
    with asking(raw_server(chatbot).url, CHAT_HEARTBEAT_SECONDS=0.05), visitor.open("Slow?") as response:
        events = events_of(response)
        assert (next(events).type, next(events).type) == ("heartbeat", "heartbeat")
        chatbot.end(result(), COMPLETE)
        assert [one.type for one in events if one.type != "heartbeat"] == ["result", "complete"]


def answer(status: bytes, kind: bytes, body: bytes = b"", *fields: bytes) -> Saying:
    lines = [b"HTTP/1.1 " + status, b"Content-Type: " + kind, b"Connection: close", *fields]
    return Saying(body, head=b"\r\n".join([*lines, b"", b""]))


class Job:
    """A chatbot that answers a question with a job, and every poll with the same."""

    def __init__(self, poll: Saying, created: bytes = b'{"job_id": "1"}') -> None:
        self._answers = iter([answer(b"202 Accepted", b"application/json", created)])
        self._poll = poll

    def __call__(self, connection: Any) -> None:
        next(self._answers, self._poll)(connection)


JSON = b"application/json"


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        (
            answer(b"500 Internal Server Error", b"text/html"),
            "Failed to connect to chatbot: 500 Server Error",
        ),
        (answer(b"200 OK", b"text/html; charset=utf-8"), "Unexpected response type: text/html"),
        (Saying(event("progress", progress=1), b"event: res"), "Stream ended prematurely"),
        (
            answer(b"200 OK", b"text/event-stream", event("progress"), b"Content-Length: 9999"),
            "Stream ended prematurely",
        ),
        (Job(answer(b"200 OK", JSON), created=b"{}"), "Invalid job response: missing job_id"),
        (Job(answer(b"404 Not Found", JSON, b"{}")), "Job polling error: 404 Client Error"),
        (Job(answer(b"200 OK", JSON, b'{"status": "running"}')), "Job polling timeout exceeded"),
        (Job(answer(b"200 OK", JSON, b'{"status": "failed"}')), "Job failed"),
        (Saying(event("error", error="No documents")), "No documents"),
    ],
    ids=range(9),
)
def test_every_error_of_the_contract_reaches_the_page(
    raw_server: Start, visitor: Visitor, talk: Talk, message: str
) -> None:
    limits = {"CHATBOT_POLL_INTERVAL": 0.01, "MAX_POLL_TIMEOUT_SECONDS": 0.03}
    with asking(raw_server(talk).url, **limits):
        kind, data = visitor.ask("What goes wrong?")[-1]
    assert kind == "error"
    assert data["error"].startswith(message)


def test_nobody_listens(visitor: Visitor) -> None:
    with asking("http://127.0.0.1:1/"):
        [(kind, data)] = visitor.ask("Anybody?")
    assert (kind, "Connection refused" in data["error"]) == ("error", True)


def test_a_busy_chatbot_says_when_to_come_back(asked: Callable[..., Any]) -> None:
    [(kind, data)] = asked(answer(b"503 Service Unavailable", JSON, b"{}", b"Retry-After: 7"))
    assert (kind, data["retry_after"]) == ("error", 7)


# What is kept.


def test_an_answer_is_kept_once_with_its_session(
    platform: Platform, visitor: Visitor, raw_server: Start
) -> None:
    chatbot = Saying(result("First"), result("Second"), COMPLETE)
    with asking(raw_server(chatbot).url), visitor.open("Twice?") as response:
        assert [one.type for one in events_of(response)] == ["result", "result", "complete"]
    session = uuid.UUID(response.headers["Chat-Session-Id"])
    row = platform.row_of("Twice?")
    assert (row["response_str"], uuid.UUID(row["chat_session_id"])) == ("First", session)


def test_a_session_goes_on(asked: Callable[..., Any], visitor: Visitor) -> None:
    source = {"type": "web", "title": "T", "url": "https://example.org"}
    asked(Saying(result("One", sources=[{**source, "x": 1}])), "A new one")
    [newest, *_] = visitor.get("/analytics/chat/sessions").json()["sessions"]
    assert newest["title"] == "A new one"
    asked(Saying(result("Two")), "And on", chat_session_id=newest["id"])
    kept = visitor.get(f"/analytics/chat/sessions/{newest['id']}").json()
    assert [(one["query"], one["response"]) for one in kept["messages"]] == [
        ("A new one", "One"),
        ("And on", "Two"),
    ]
    assert kept["messages"][0]["sources"] == [source]


def test_what_no_database_takes_is_replaced(platform: Platform, asked: Callable[..., Any]) -> None:
    odd = r'{"response": "a\u0000b\ud800c😀", "sources": [{"title": "\u0000", "page": 1e999}, 7]}'
    said = f"event: result\ndata: {odd}\n\n".encode()
    assert [kind for kind, _ in asked(Saying(said), "Odd characters?")] == ["result"]
    row = platform.row_of("Odd characters?")
    assert row["response_str"] == "a\ufffdb\ufffdc😀"
    assert json.loads(row["sources"]) == [{"title": "\ufffd"}]


def test_a_job_s_lone_surrogate_breaks_no_stream(platform: Platform, asked: Callable[..., Any]) -> None:
    finished = rb'{"status": "succeeded", "result": {"response": "a\ud800b"}}'
    with_defaults = asked(Job(answer(b"200 OK", JSON, finished)), "Half a character?")
    assert with_defaults == [("result", {"response": "a\ud800b"})]
    assert platform.row_of("Half a character?")["response_str"] == "a\ufffdb"


@pytest.mark.parametrize("data", ["{", "[1]", '{"response": 5}', "[" * 90000])
def test_a_result_without_an_answer_is_not_kept(
    platform: Platform, raw_server: Start, visitor: Visitor, data: str
) -> None:
    query = f"Nothing? {data[:20]}"
    with (
        asking(raw_server(Saying(f"event: result\ndata: {data}\n\n".encode())).url),
        visitor.open(query) as response,
    ):
        assert [one.data for one in events_of(response)] == [data]
    assert [
        row for row in platform.select("SELECT * FROM analytics_chatmessages") if row["query_str"] == query
    ] == []


def test_an_error_after_the_answer_is_no_matter(platform: Platform, asked: Callable[..., Any]) -> None:
    broken = Saying(result("Whole"), b"event: comp")
    assert [kind for kind, _ in asked(broken, "And after it?")] == ["result"]
    assert platform.row_of("And after it?")["response_str"] == "Whole"


def test_the_answer_is_kept_when_the_page_goes_away(
    platform: Platform, directed: Directed, visitor: Visitor
) -> None:
    with visitor.open("Gone?") as response:
        directed.say(event("progress", progress=10))
        next(events_of(response))
        chat = chat_of(response)
    directed.end(event("progress", progress=50), result("Kept"), COMPLETE)
    chat.join(20)
    assert platform.row_of("Gone?")["response_str"] == "Kept"


def test_a_page_is_told_when_its_answer_could_not_be_kept(directed: Directed, visitor: Visitor) -> None:
    from sample_platform.analytics.models import ChatSession  # noqa: PLC0415 - Django must be set up first

    with visitor.open("Lost?") as response:
        directed.say(event("progress", progress=10))
        events = events_of(response)
        next(events)
        ChatSession.objects.filter(pk=response.headers["Chat-Session-Id"]).delete()
        directed.end(result(), COMPLETE)
        assert [(one.type, json.loads(one.data)) for one in events][1] == (
            "error",
            {"error": "The answer could not be saved"},
        )


def test_stopping_hangs_up_and_keeps_nothing(
    platform: Platform, directed: Directed, visitor: Visitor
) -> None:
    with visitor.open("Stop?") as response:
        directed.say(event("progress", progress=10))
        events = events_of(response)
        next(events)
        chat = chat_of(response)
        path = f"/analytics/chat/{response.headers['Chat-Id']}/stop"
        assert visitor.post(path).status_code == 204
        assert list(events) == []
    assert directed.left.wait(20)
    chat.join(20)
    assert visitor.post(path).status_code == 404
    assert [
        row for row in platform.select("SELECT * FROM analytics_chatmessages") if row["query_str"] == "Stop?"
    ] == []


def test_the_log_tells_what_the_document_says(platform: Platform, asked: Callable[..., Any]) -> None:
    before = len(platform.log())
    asked(answer(b"200 OK", b"text/event-stream", result(), b"Set-Cookie: session_id=abc; Path=/"), "x" * 200)
    assert platform.log()[before:] == [
        "Deep chat stream view called",
        f"Deep chat request - Query: {'x' * 100}",
        "Starting event stream for deep chat",
        "✅ Cookies received from chatbot: {'session_id': 'abc'}",
        "✅ Session cookies: {'session_id': 'abc'}",
        "Yielding to frontend - event: result",
        "Saving Chat Message",
    ]


# What is refused.


def test_a_stranger_gets_nothing(platform: Platform) -> None:
    stranger = Visitor(platform.url)
    assert stranger.post(STREAM, {"query": "x"}).status_code == 403  # no CSRF token
    page = stranger.get("/analytics/assistant")
    assert page.url == f"{platform.url}/accounts/login/?next=/analytics/assistant"
    assert stranger.post(STREAM, {"query": "x"}).status_code == 401
    assert stranger.get("/analytics/chat/sessions").status_code == 401
    assert stranger.get(f"/analytics/chat/sessions/{uuid.uuid4()}").status_code == 404
    assert stranger.post(f"/analytics/chat/{uuid.uuid4()}/stop").status_code == 404
    assert stranger.sign_in(platform.user, "wrong").url.startswith(f"{platform.url}/accounts/login/")


def test_another_user_s_chats_are_not_there(platform: Platform, visitor: Visitor, directed: Directed) -> None:
    from django.contrib.auth.models import User  # noqa: PLC0415 - Django must be set up first

    User.objects.create_user("eve", password="secret")
    eve = Visitor(platform.url)
    eve.sign_in("eve", "secret")
    with visitor.open("Mine") as response:
        directed.say(event("progress", progress=10))
        session = response.headers["Chat-Session-Id"]
        assert eve.post(f"/analytics/chat/{response.headers['Chat-Id']}/stop").status_code == 404
        assert eve.get(f"/analytics/chat/sessions/{session}").status_code == 404
        assert eve.post(STREAM, {"chat_session_id": session}).status_code == 404
        directed.end(result(), COMPLETE)
        list(events_of(response))
    assert eve.get("/analytics/chat/sessions").json() == {"sessions": []}


@pytest.mark.parametrize(
    "body",
    [
        5,
        [],
        {"query": 5},
        {"conversation_history": [{"role": "system", "content": "x"}]},
        {"conversation_history": [{"role": "user"}]},
        {"memory_enabled": "yes"},
        {"chat_session_id": "1"},
    ],
)
def test_a_wrong_body_is_refused(visitor: Visitor, body: Any) -> None:
    response = visitor.post(STREAM, body)
    assert response.status_code == 400
    assert response.json()["error"].startswith("the body must be a JSON object of the contract: ")


def test_a_conversation_that_is_too_long_is_refused_in_words(platform: Platform, visitor: Visitor) -> None:
    before = len(platform.log())
    long = {"role": "user", "content": "x" * 2_700_000}
    response = visitor.post(STREAM, {"query": "And now?", "conversation_history": [long]})
    assert response.status_code == 413
    assert response.json() == {
        "error": "The question and the conversation before it have more than 2,621,440 bytes"
    }
    assert platform.log()[before:] == [
        "Deep chat stream view called",
        "Content Too Large: /analytics/chat/stream",
    ]


def test_there_is_a_limit_of_chats_at_once(raw_server: Start, visitor: Visitor) -> None:
    chatbot = Directed()
    with asking(raw_server(chatbot).url, CHAT_LIMIT=1), visitor.open("The only one") as response:
        refused = visitor.post(STREAM, {"query": "One too many"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
        chatbot.end(result(), COMPLETE)
        list(events_of(response))


@pytest.mark.parametrize("path", ["/analytics/assistant", "/accounts/login/"])
def test_a_page_lets_nothing_in_from_elsewhere(platform: Platform, visitor: Visitor, path: str) -> None:
    who = visitor if path == "/analytics/assistant" else Visitor(platform.url)
    page = who.get(path)
    assert page.url == platform.url + path
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    assert (page.headers["X-Frame-Options"], page.headers["Referrer-Policy"]) == ("DENY", "same-origin")


def test_the_admin_shows_what_is_kept_and_changes_nothing(
    visitor: Visitor, asked: Callable[..., Any]
) -> None:
    asked(Saying(result()), "For the admin")
    assert "For the admin" in visitor.get("/admin/analytics/chatmessage/").text
    assert visitor.get("/admin/analytics/chatmessage/add/").status_code == 403
    assert visitor.get("/static/admin/css/base.css").status_code == 200


def test_the_migrations_are_complete(platform: Platform) -> None:
    from django.core.management import call_command  # noqa: PLC0415 - Django must be set up first

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


# Many at once.


@pytest.mark.parametrize("mode", ["", "?mode=job"], ids=["streams", "jobs"])
def test_fifty_chats_at_once_are_neither_mixed_nor_lost(
    platform: Platform, visitor: Visitor, mode: str
) -> None:
    together = threading.Barrier(50)

    def ask(number: int) -> list[tuple[str, Any]]:
        own = Visitor(platform.url)
        own.http.cookies.update(visitor.http.cookies)
        together.wait(20)
        return own.ask(f"Question {number} of fifty{mode}")

    with (
        Threaded(lambda: server.run(ChatbotSettings(pace=0.05, heartbeat=0))) as chatbot,
        asking(f"{chatbot}/api/v1/stream{mode}", CHATBOT_POLL_INTERVAL=0.1, MAX_POLL_TIMEOUT_SECONDS=60.0),
        ThreadPoolExecutor(50) as pool,
    ):
        answers = list(pool.map(ask, range(50)))
    sessions = set()
    for number, events in enumerate(answers):
        query = f"Question {number} of fifty{mode}"
        kinds = ["progress"] * 4 + ["result"] + ["complete"] * (not mode)
        assert [kind for kind, _ in events] == kinds
        assert f'"{query}"' in dict(events)["result"]["response"]
        row = platform.row_of(query)
        assert row["response_str"] == dict(events)["result"]["response"]
        sessions.add(row["chat_session_id"])
    assert len(sessions) == 50
