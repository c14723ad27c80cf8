"""The first request and its errors, over real sockets."""

from __future__ import annotations

import json
import math
import re
import socket
import threading
from collections.abc import Callable

import pytest

from foundation.errors import UsageError
from platform_client.client import PlatformClient
from platform_client.client_limits import ClientLimits
from platform_client.events import ClientEvent
from tests.platform_client.raw_server import Answer, AnsweringServer, head, resets_after, sends, sends_json

type Chatbot = Callable[..., str]
type Client = Callable[..., PlatformClient]
type Serve = Callable[..., AnsweringServer]
type Ask = Callable[..., list[ClientEvent]]

FAILED = "Failed to connect to chatbot: "


def message(events: list[ClientEvent]) -> str:
    assert [event.type for event in events] == ["error"]
    return str(json.loads(events[0].data)["error"])


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_nobody_listens(ask: Ask) -> None:
    assert re.match(f"{FAILED}.*Connection refused", message(ask(f"http://127.0.0.1:{closed_port()}/")))


@pytest.mark.parametrize("url", ["", "no url", "ftp://127.0.0.1/", "http://", "http://[::1", "http://a..b/"])
def test_a_url_that_is_none(ask: Ask, url: str) -> None:
    assert message(ask(url)).startswith(FAILED)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(sends_json({}, "500 Internal Server Error"), "500 Server Error", id="500"),
        pytest.param(sends_json({}, "401 Unauthorized"), "401 Client Error", id="401"),
        pytest.param(sends(), "", id="no response"),
        pytest.param(sends(b"nonsense\r\n\r\n"), "", id="no HTTP"),
        pytest.param(resets_after(), "", id="reset"),
        pytest.param(sends_json({}, "302 Found", "Location: http://[::1"), "", id="a redirect to nonsense"),
        pytest.param(sends_json({}, "302 Found", "Location: \xff\xfe"), "", id="a redirect to no text"),
        pytest.param(
            sends_json({}, "302 Found"), "302 Redirect without a target", id="a redirect without a target"
        ),
        pytest.param(
            sends_json({}, "302 Found", "Location: /again"), "Exceeded 30 redirects", id="a redirect loop"
        ),
        pytest.param(
            sends(head("Content-Length: 99", kind="application/json"), b"{"),
            "the answer broke off",
            id="a short job",
        ),
    ],
)
def test_a_first_answer_that_fails(serve: Serve, ask: Ask, answer: Answer, reason: str) -> None:
    found = message(ask(serve(answer).url))
    assert found.startswith(FAILED)
    assert reason in found


def test_the_first_answer_takes_too_long(serve: Serve, ask: Ask) -> None:
    done = threading.Event()
    assert "it did not answer in time" in message(
        ask(serve(lambda _: done.wait(10) and None).url, timeout=0.05)
    )
    done.set()


@pytest.mark.parametrize(
    ("kind", "named"),
    [("text/html; charset=utf-8", "text/html"), ("Application/XML", "application/xml"), ("", "")],
)
def test_a_content_type_that_is_neither(serve: Serve, ask: Ask, kind: str, named: str) -> None:
    assert message(ask(serve(sends(head(kind=kind), b"x")).url)) == f"Unexpected response type: {named}"


def test_a_stream_where_a_job_is_expected(chatbot: Chatbot, client: Client) -> None:
    events = list(client(chatbot()).send("test", expect_job=True))
    assert message(events) == "Unexpected response type: text/event-stream"


def test_a_job_where_one_is_expected(chatbot: Chatbot, client: Client) -> None:
    events = list(client(f"{chatbot()}?mode=job").send("test", expect_job=True))
    assert events[-1].type == "result"


def test_a_first_answer_that_is_too_long(serve: Serve, ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    answer = sends_json({"job_id": "x" * 200})
    events = ask(serve(answer).url, limits=ClientLimits(json_body=100))
    assert message(events) == "Invalid job response: missing job_id"
    assert "the answer is longer than 100 bytes" in caplog.text


def test_nothing_is_sent_before_the_first_event_is_asked_for(serve: Serve, client: Client) -> None:
    server = serve(sends(head()))
    client(server.url).send("test").close()
    assert server.requests == []


def test_two_clients_have_two_sessions(chatbot: Chatbot, client: Client) -> None:
    url = chatbot()
    clients = [client(url), client(url)]
    for each in clients:
        list(each.send("test"))
    assert len({each.session.cookies["session_id"] for each in clients}) == 2


@pytest.mark.parametrize(
    "name", ["timeout", "stream_timeout", "poll_timeout", "poll_interval", "max_poll_time", "heartbeat_after"]
)
@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_a_time_that_cannot_be_is_refused(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"^{name} must be"):
        PlatformClient("http://127.0.0.1/", **{name: value})


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7),
        ("0", 0),
        ("99999999999999999999", 7 * 24 * 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 7 * 24 * 3600),
        ("-7", None),
        ("soon", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_an_overloaded_chatbot_says_when_to_come_back(
    serve: Serve, ask: Ask, header: str, wait: int | None
) -> None:
    answer = sends_json({}, "503 Service Unavailable", f"Retry-After: {header}")
    [event] = ask(serve(answer).url)
    data = json.loads(event.data)
    assert data.pop("error").startswith(f"{FAILED}503 Server Error")
    assert data == ({} if wait is None else {"retry_after": wait})
