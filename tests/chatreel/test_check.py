"""`chatreel check`: against the sample chatbot, a replay, wrong chatbots of all kinds, and nothing."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest

from cassettes.file.reader import Cassette
from chatreel.cli.common_options import url
from chatreel.conformance.cases.all import CASES
from chatreel.main import run
from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.threaded_server import Threaded
from replayer.responder import Pace
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

PACE = 0.004

type Output = pytest.CaptureFixture[str]


def check(target: str, *arguments: str) -> int:
    return run(["check", "--target", target, "--pace", str(PACE), *arguments])


# The right ones.


@pytest.fixture(scope="module")
def chatbot() -> Iterator[str]:
    with Threaded(lambda: server.run(ChatbotSettings(pace=PACE, workers_cookie=True))) as origin:
        yield origin


@pytest.fixture(scope="module")
def recorded(chatbot: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A check of the sample chatbot, recorded."""
    cassette = tmp_path_factory.mktemp("check") / "check.jsonl"
    with capture(chatbot, cassette, print) as proxy:
        assert check(proxy) == 0
    return cassette


@pytest.fixture
def replay(recorded: Path) -> Iterator[str]:
    @contextlib.asynccontextmanager
    async def serve() -> AsyncIterator[str]:
        settings = ReplaySettings(listen=("127.0.0.1", 0), admin=None, pace=Pace(speed=math.inf))
        async with replay_server([recorded], settings, print) as running:
            yield url(*running.address)

    with Threaded(serve) as origin:
        yield origin


def test_the_sample_chatbot_passes_every_case(chatbot: str, capsys: Output) -> None:
    assert check(chatbot) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:22]] == [[case.id, "passed"] for case in CASES[:22]]
    assert lines[22:] == [
        "",
        "Category            Tests  Critical  Pass rate  Needed  Skipped",
        "Basic Connectivity      2  yes            100%    100%        0",
        "SSE Streaming           4  yes            100%    100%        0",
        "Job Polling             4  yes            100%    100%        0",
        "Session Management      4  yes            100%    100%        0",
        "Error Handling          4  yes            100%    100%        0",
        "Performance             4  no             100%     75%        0",
        "Overall                22                 100%     95%        0",
        "",
        "The target reaches what is needed.",
    ]


def test_a_replay_of_a_check_passes_every_case_time_and_again(replay: str, capsys: Output) -> None:
    for _ in range(2):
        assert check(replay, "--json") == 0
        report = json.loads(capsys.readouterr().out)
        assert [case["verdict"] for case in report["cases"]] == ["passed"] * 22


def test_each_case_asks_a_question_of_its_own(recorded: Path) -> None:
    with Cassette.open(recorded) as cassette:
        asked = [(url, body) for method, url, _, body in cassette.requests() if method == "POST" and body]
    assert len(set(asked)) == len(asked)


def test_the_cases_are_those_of_the_document() -> None:
    counts = {0: 2, 1: 4, 2: 4, 3: 4, 4: 4, 5: 4, 6: 4}
    assert [case.id for case in CASES] == [f"TC-{n}{m:02}" for n in counts for m in range(1, counts[n] + 1)]


@pytest.mark.parametrize("polling_url", ["absolute", "none"])
def test_every_form_of_polling_url_passes(polling_url: Any) -> None:
    with Threaded(lambda: server.run(ChatbotSettings(pace=PACE, polling_url=polling_url))) as origin:
        assert check(origin, "--category", "Job Polling") == 0


def test_a_strict_chatbot_passes() -> None:
    with Threaded(lambda: server.run(ChatbotSettings(pace=PACE, strict_sessions=True))) as origin:
        assert check(origin, "--category", "session management") == 0


# The wrong ones.


class Answer(NamedTuple):
    body: bytes
    kind: str = "application/json"
    status: int = 200
    cookies: tuple[str, ...] = ("session_id=1; Path=/",)


def sse(*events: tuple[str, Any], **more: Any) -> Answer:
    body = "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in events)
    return Answer(body.encode(), "text/event-stream", **more)


def js(value: Any, **more: Any) -> Answer:
    return Answer(json.dumps(value).encode(), **more)


class Wrong:
    """Answers with what a test says for each method and path, one after the other and the last again; else 404."""

    def __init__(self, routes: dict[str, Answer | list[Answer]]) -> None:
        plans = {route: list(each) if isinstance(each, list) else [each] for route, each in routes.items()}

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answers = plans.get(f"{self.command} {self.path}", [js({}, status=404)])
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.kind)
                for cookie in answer.cookies:
                    self.send_header("Set-Cookie", cookie)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = answer  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return self.url

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


STREAM, JOB, POLL = "POST /api/v1/stream", "POST /api/v1/stream?mode=job", "GET /jobs/1"
PROGRESS = [("progress", {"progress": value, "details": {"n": value}}) for value in (10, 25, 50, 75)]
RESULT, COMPLETE = ("result", {"response": "It depends."}), ("complete", {"progress": 100})
CREATED = js({"job_id": "1", "status": "pending"}, status=202)


def polled(status: str, progress: Any = None, **more: Any) -> Answer:
    return js(
        {"job_id": "1", "status": status, "latest_progress": {"progress": progress}, **more}, cookies=()
    )


DONE = polled("succeeded", 100, result={"response": "Done"})


@pytest.mark.parametrize(
    ("case", "routes", "message"),
    [
        ("TC-001", {"GET /health": js({}, status=500)}, "200 OK status: expected 200, found 500"),
        ("TC-001", {"GET /health": js({"status": "ill"})}, 'status: "healthy": expected healthy, found ill'),
        ("TC-001", {"GET /health": Answer(b"[" * 100_000)}, "expected healthy, found None"),
        ("TC-002", {}, "an SSE stream starts (not 404): expected 200 OK, found 404 Not Found"),
        ("TC-002", {STREAM: js({"a": 1})}, 'begins with event: or data:: expected event: or data:, found {"a": 1}'),
        ("TC-002", {STREAM: Answer(b"\x1b[2J\x00")}, "found \\u001b[2J\\u0000"),
        ("TC-101", {}, "no errors: expected no error event, found Failed to connect to chatbot: 404"),
        ("TC-101", {STREAM: sse(RESULT, COMPLETE)}, "all 6 events received: expected 4 progress events or more"),
        ("TC-101", {STREAM: sse(*PROGRESS, RESULT)}, "all 6 events received"),
        ("TC-101", {STREAM: sse(*PROGRESS, COMPLETE)}, "a result arrives: expected a result event"),
        ("TC-101", {STREAM: sse(("result", {}))}, "the result contains the response: expected a text, found None"),
        (
            "TC-101",
            {STREAM: sse(*PROGRESS, RESULT, ("complete", {"progress": 90}))},
            "final progress is 100%: expected 100, found 90",
        ),
        ("TC-101", {STREAM: sse(("error", {"error": "no"}))}, "no errors: expected no error event, found no"),
        ("TC-101", {STREAM: Answer(b"x", "text/html")}, "found Unexpected response type: text/html"),
        ("TC-102", {STREAM: sse(*PROGRESS, RESULT)}, "the response acknowledges the context: expected 2 messages"),
        ("TC-103", {STREAM: sse(("progress", {}), RESULT)}, "at least one progress event has non-null details"),
        ("TC-103", {STREAM: sse(("progress", {"details": {}}))}, "details contain meaningful metadata"),
        ("TC-104", {STREAM: sse(*PROGRESS[::-1], RESULT, COMPLETE)}, "progress is monotonic: expected"),
        ("TC-104", {STREAM: sse(("progress", {"progress": "1"}))}, "progress is a number: expected numbers"),
        ("TC-104", {STREAM: sse(*PROGRESS, COMPLETE)}, "the result comes before complete"),
        ("TC-104", {STREAM: sse(RESULT, COMPLETE)}, "there is progress: expected progress events"),
        ("TC-201", {}, "a job is created: expected 200 OK, found 404"),
        ("TC-201", {JOB: js({"job_id": ""})}, "the job's id is returned"),
        ("TC-201", {JOB: js({"job_id": "1", "polling_url": "http://["})}, "the job's id is returned"),
        ("TC-201", {JOB: js({"job_id": "\ud800", "polling_url": "/"})}, "the job's id is returned"),
        ("TC-201", {JOB: CREATED}, "each poll is answered: expected 200 OK, found 404"),
        ("TC-201", {JOB: CREATED, POLL: DONE}, "found ['pending', 'succeeded']"),
        (
            "TC-201",
            {JOB: CREATED._replace(cookies=()), POLL: [polled("running"), DONE, polled("running"), DONE]},
            "the client gets cookies: expected a cookie, found none",
        ),
        ("TC-201", {JOB: CREATED, POLL: [polled("running"), polled("failed")]}, "'running', 'failed']"),
        (
            "TC-202",
            {JOB: CREATED, POLL: [polled("running", 25), polled("running", 25), DONE]},
            "expected each poll further than the one before, found running 25%, running 25%, succeeded 100%",
        ),
        ("TC-202", {JOB: CREATED, POLL: polled("running", "25")}, "advance with each poll"),
        ("TC-203", {JOB: CREATED, POLL: js({"job_id": "2"})}, "a relative polling_url works: expected 1, found 2"),
        ("TC-204", {JOB: CREATED, POLL: [polled("running", 1)] * 10 + [DONE]}, "expected at most 9, found 11"),
        ("TC-204", {JOB: CREATED, POLL: polled("failed", error="no")}, "no errors: expected no error event, found no"),
        ("TC-301", {STREAM: sse(cookies=("sid=1",))}, "with session_id: expected session_id=..., found sid=1"),
        ("TC-302", {JOB: CREATED._replace(cookies=())}, "Set-Cookie header present: expected session_id=..."),
        ("TC-303", {JOB: CREATED._replace(cookies=()), POLL: DONE}, "cookie received in the initial response"),
        (
            "TC-303",
            {JOB: CREATED, POLL: [polled("running")._replace(cookies=("session_id=2; Path=/",)), DONE]},
            "same cookie sent in all polls: expected ['1', '1'], found ['1', '2']",
        ),
        ("TC-303", {JOB: sse(RESULT)}, "found Unexpected response type: text/event-stream"),
        ("TC-304", {JOB: CREATED, POLL: js({}, status=500)}, "expected (200, 401, 404), found 500"),
        ("TC-401", {f"{STREAM}/error": sse(RESULT)}, "an error event ends it: expected ['error'], found ['result']"),
        ("TC-401", {f"{STREAM}/error": js({}, status=500)}, "the stream begins: expected 200, found 500"),
        ("TC-401", {f"{STREAM}/error": sse(RESULT, ("error", {"error": "x"}))}, "the client exits with an error code"),
        ("TC-401", {f"{STREAM}/error": sse(("error", {}))}, "an error message to display: expected a text, found {}"),
        ("TC-402", {JOB: CREATED, "POST /jobs/1/fail": js({}, status=500)}, "the job can be failed"),
        ("TC-402", {JOB: CREATED, "POST /jobs/1/fail": js({}), POLL: DONE}, 'status is "failed": expected failed'),
        (
            "TC-402",
            {JOB: CREATED, "POST /jobs/1/fail": js({}), POLL: polled("failed", error={})},
            "error message present: expected a text, found {}",
        ),
        ("TC-403", {STREAM: js({}, status=422)}, "a request without a query still succeeds"),
        ("TC-403", {STREAM: sse()}, "invalid JSON gets 400 Bad Request: expected 400, found 200"),
        ("TC-404", {"GET /jobs/invalid_job_id": js({})}, "404 status: expected 404, found 200"),
        ("TC-404", {}, 'a clear error message: expected {"error": a text}'),
        ("TC-501", {JOB: CREATED, POLL: polled("failed")}, "expected Job polling timeout exceeded, found Job failed"),
        ("TC-502", {f"{STREAM}/timeout": sse(PROGRESS[0])}, "expected an end: complete, result or error"),
        ("TC-503", {STREAM: sse(("result", {"response": "Request 1"}))}, "responses are independent (not mixed)"),
        ("TC-503", {STREAM: sse(RESULT, RESULT)}, "Request 1 gets a complete response: expected 1, found 2"),
        ("TC-503", {}, "no server error for Request 1: expected 200, found 404"),
        ("TC-504", {f"{STREAM}/slow": Answer(b"data", "text/event-stream")}, "found Stream ended prematurely"),
    ],
)  # fmt: skip
def test_a_wrong_chatbot_fails(
    case: str, routes: dict[str, Answer | list[Answer]], message: str, capsys: Output
) -> None:
    with Wrong(routes) as origin:
        assert check(origin, "--case", case) == 1
    line = capsys.readouterr().out.splitlines()[0]
    assert line.startswith(f"{case}  FAILED   ")
    assert message in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("case", "routes", "reason"),
    [
        ("TC-001", {}, "the target has no GET http://127.0.0.1:{port}/health (404)"),
        ("TC-401", {}, "the target has no POST http://127.0.0.1:{port}/api/v1/stream/error (404)"),
        ("TC-402", {JOB: CREATED}, "the target has no POST http://127.0.0.1:{port}/jobs/1/fail (404)"),
        ("TC-501", {JOB: CREATED, POLL: DONE}, "the job was done before three polls"),
        ("TC-502", {}, "/api/v1/stream/timeout (404)"),
        ("TC-504", {f"{STREAM}/slow": js({}, status=501)}, "/api/v1/stream/slow (501)"),
    ],
)
def test_what_a_chatbot_lacks_does_not_count(
    case: str, routes: dict[str, Answer | list[Answer]], reason: str, capsys: Output
) -> None:
    with Wrong(routes) as origin:
        assert check(origin, "--case", case) == 2  # nothing else was asked for
    out, err = capsys.readouterr()
    assert out.startswith(f"{case}  skipped  ")
    assert reason.replace("{port}", origin.rpartition(":")[2]) in out
    assert err == "chatreel: no case could run: all were skipped, for the reasons above\n"


def test_a_category_that_falls_short_is_named(capsys: Output) -> None:
    with Wrong({STREAM: sse(*PROGRESS, RESULT, COMPLETE)}) as origin:
        assert check(origin, "--case", "TC-101", "--case", "TC-102") == 1
    out = capsys.readouterr().out
    assert "SSE Streaming           2  yes             50%    100%        0" in out
    assert out.endswith("\nThe target falls short in: SSE Streaming, Overall\n")


DEEP = b"[" * 9000 + b"]" * 9000
HUGE = b"9" * 4000


def raw(kind: bytes, body: bytes, status: bytes = b"200 OK", *fields: bytes) -> bytes:
    head = [b"HTTP/1.1 " + status, b"Content-Type: " + kind, b"Connection: close", *fields]
    return b"\r\n".join([*head, b"", body])


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"application/json", DEEP),
        raw(b"text/event-stream", b'event: result\ndata: {"response":' + DEEP + b"}\n\n"),
        raw(
            b"text/event-stream",
            b'event: progress\ndata: {"progress":' + HUGE + b"}\n\ndata: 5\n\ndata: \x1b\n\n",
        ),
        raw(b"application/json", b'{"job_id":"1","status":"failed","error":' + DEEP + b"}"),
        raw(b"application/json", b'{"job_id":"1","status":"succeeded","result":5,"progress":[1e999]}'),
        raw(b"application/json", b'{"job_id":true,"status":"failed","polling_url":"http://\\ud800/"}'),
        raw(b"text/plain", b"x", b"200 \x1b[2J", b"Content-Encoding: gzip", b"Set-Cookie: \x1b=\xff"),
        raw(b"text/event-stream", b"data", b"200 OK", b"Content-Length: 100"),
        raw(b"text/event-stream", b"zz\r\n", b"200 OK", b"Transfer-Encoding: chunked"),
    ],
    ids=range(9),
)
def test_any_bytes_are_failed_cases(
    answer: bytes,
    raw_server: Callable[..., Any],
    read_request: Callable[[socket.socket], bytes],
    capsys: Output,
) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    assert check(raw_server(talk).url) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[0] for line in lines[:22]] == [case.id for case in CASES[:22]]
    assert all(map(str.isprintable, lines))
    assert err == ""


# The command line.


def test_long_waits_are_for_those_who_ask_for_them(chatbot: str, capsys: Output) -> None:
    assert (
        run(["check", "--target", chatbot, "--case", "TC-502", "--case", "TC-501", "--case", "TC-001"]) == 0
    )
    out = capsys.readouterr().out
    assert "TC-501  skipped  Polling Timeout: it waits for 30 s; --slow runs it\n" in out
    assert "TC-502  skipped  Slow Response Handling: it waits for 150 s; --slow runs it\n" in out


def test_slow_cases_run_when_asked_for(capsys: Output) -> None:
    """The job is done at once, so that nothing is waited for."""
    with Wrong({JOB: CREATED, POLL: DONE}) as origin:
        run(["check", "--target", origin, "--case", "TC-501", "--slow"])
    assert "the job was done before three polls" in capsys.readouterr().out


def test_the_url_of_the_stream_may_be_another_one(capsys: Output) -> None:
    with Wrong({"POST /bot/ask?v=2": sse(RESULT), "POST /bot/ask?v=2&mode=job": CREATED}) as origin:
        cases = [argument for case in ("TC-002", "TC-302") for argument in ("--case", case)]
        assert check(f"{origin}/bot/ask?v=2", *cases) == 0
    assert capsys.readouterr().out.count("passed") == 2


def test_junit(tmp_path: Path, capsys: Output) -> None:
    report = tmp_path / "report.xml"
    with Wrong({"GET /health": js({"status": "\x00\x1b<\ud800\uffff&"}), STREAM: sse(RESULT)}) as origin:
        categories = ["--category", "Basic Connectivity", "--case", "TC-401"]
        assert check(origin, *categories, "--junit", str(report)) == 1
    root = ET.parse(report).getroot()  # noqa: S314 - our own
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("skipped")) == (
        "testsuites",
        "3",
        "1",
        "1",
    )
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) for suite in root] == [
        ("Basic Connectivity", "2", "1", "0"),
        ("Error Handling", "1", "0", "1"),
    ]  # fmt: skip
    health, stream, error = root.iter("testcase")
    assert (health.get("classname"), health.get("name")) == ("Basic Connectivity", "TC-001 Health Check")
    assert health[0].tag == "failure"
    assert (
        health[0].get("message")
        == 'status: "healthy": expected healthy, found \\u0000\\u001b<\\ud800\\uffff&'
    )
    assert list(stream) == []
    assert error[0].tag == "skipped"
    assert float(health.get("time", "")) >= 0


def test_json(capsys: Output) -> None:
    with Wrong({"GET /health": js({})}) as origin:
        assert check(origin, "--category", "basic connectivity", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["target"], report["reached"]) == (origin, False)
    first = report["cases"][0]
    assert (first["id"], first["critical"], first["verdict"]) == ("TC-001", True, "failed")
    assert first["remark"] == 'status: "healthy": expected healthy, found None'
    assert [(row["name"], row["tests"], row["rate"], row["met"]) for row in report["table"]] == [
        ("Basic Connectivity", 2, 0.0, False),
        ("Overall", 2, 0.0, False),
    ]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--target", "http://127.0.0.1:1"], "cannot reach http://127.0.0.1:1: "),
        (["--target", "ftp://127.0.0.1"], "--target ftp://127.0.0.1: write a url"),
        (["--target", "http://["], "--target http://[: write a url"),
        (["--target", "127.0.0.1:99999"], "--target 127.0.0.1:99999: write a url"),
        (["--target", "http://127.0.0.1:1", "--pace", "nan"], "--pace must be a factor"),
        (["--target", "http://127.0.0.1:1", "--pace", "0"], "--pace must be a factor"),
        (["--target", "http://127.0.0.1:1", "--case", "TC-605"], "'TC-605' is not one of"),
        (["--target", "http://127.0.0.1:1", "--category", "Other"], "'Other' is not one of"),
        ([], "nothing to check: give --target URL, --platform URL, or both"),
        (["--platform", "http://["], "--platform http://[: write a url"),
        (["--platform", "ftp://127.0.0.1"], "--platform ftp://127.0.0.1: write a url"),
        (["--platform", "http://127.0.0.1:1"], "cannot reach http://127.0.0.1:1: "),
        (["--target", "http://127.0.0.1:1", "--junit", "missing/report.xml"], "missing/report.xml"),
    ],
)
def test_what_cannot_run_is_one_line(
    arguments: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert err.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_is_one_line(chatbot: str, capsys: Output) -> None:
    assert check(chatbot, "--case", "TC-001", "--junit", "/dev/full") == 2
    assert capsys.readouterr().err == "chatreel: --junit /dev/full: No space left on device\n"
