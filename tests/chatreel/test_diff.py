"""`chatreel diff`, against real servers."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cassettes.file.reader import Cassette
from cassettes.model import Loss
from cassettes.samples import resolve
from chatreel.cli.common_options import url
from chatreel.main import run
from chatreel.workflows.threaded_server import Threaded
from comparison.rules.noise_file import read_noise
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.cassettes.recorded import HEADER, save
from tests.cassettes.talk import Talk
from tests.child import start_child
from tests.comparison.mutants import event, stream

DROP = "drop-event type=progress nth=2"
SECRET = "t0ps3cr3t-0815"


@pytest.fixture(scope="module")
def chatbot() -> Iterator[str]:
    settings = ChatbotSettings(pace=0.01, workers_cookie=True, strict_sessions=True)
    with Threaded(lambda: server.run(settings)) as origin:
        yield origin


@pytest.fixture
def replay() -> Iterator[Callable[..., str]]:
    """Starts a replay as the live chatbot; its url."""
    with contextlib.ExitStack() as stack:

        def start(name: str, *faults: str) -> str:
            @contextlib.asynccontextmanager
            async def running() -> AsyncIterator[str]:
                settings = ReplaySettings(
                    listen=("127.0.0.1", 0),
                    admin=None,
                    pace=Pace(speed=float("inf")),
                    options=ReplayOptions(plan=plan_of(faults)),
                )
                async with replay_server([resolve(name)], settings, print) as replaying:
                    yield url(*replaying.address)

            return stack.enter_context(Threaded(running))

        yield start


@pytest.fixture
def down() -> Iterator[str]:
    """The url of a chatbot that is not there: nobody else can take its port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def diff(capsys) -> Callable[..., tuple[int, str, str]]:
    """Runs the command; its exit code, stdout and stderr."""

    def start(*arguments: object) -> tuple[int, str, str]:
        code = run(["diff", *map(str, arguments)])
        output = capsys.readouterr()
        return code, output.out, output.err

    return start


@pytest.fixture
def cassette(tmp_path) -> Callable[..., Path]:
    """Writes a conversation as a cassette."""
    return lambda name, talk: save(tmp_path / name, [HEADER, *talk.records()])


def answers(**fields: object) -> Talk:
    """A stream of a step and a result with these fields."""
    return stream([event("progress", progress=50), event("result", about="metrics", **fields)])


@pytest.mark.parametrize("name", ["stream", "job", "error", "health"])
def test_the_chatbot_that_was_recorded_is_the_same(diff, chatbot, name):
    code, out, err = diff(name, "--live", chatbot)
    assert (code, err) == (0, "")
    assert out.startswith(f"same: {resolve(name)} and {chatbot}\n")


def test_one_fault_is_one_difference_in_every_report(diff, replay, tmp_path):
    files = {name: tmp_path / name for name in ("live.jsonl", "report.xml", "report.html")}
    live = replay("stream", DROP)
    code, out, err = diff(
        "stream", "--live", live, "--save", files["live.jsonl"], "--junit", files["report.xml"],
        "--html", files["report.html"],
    )  # fmt: skip
    assert (code, err) == (1, "")
    assert out.splitlines()[1:6] == [
        "  1 question of 1 session compared, 1 difference",
        "  events 1",
        "",
        "session 0, exchange 0 (live 0), POST /api/v1/stream",
        "  event 1 progress events removed: a recorded event never came",
    ]
    [suite] = ET.parse(files["report.xml"]).getroot()  # noqa: S314 - our own
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    page = files["report.html"].read_text()
    assert f"<title>DIFFERENT: {resolve('stream')} and {live}</title>" in page
    assert page.count("<svg ") == 1
    with Cassette.open(files["live.jsonl"]) as saved:
        assert (len(saved), saved.headers[0].upstream) == (1, live)
    assert {file.stat().st_mode & 0o777 for file in files.values()} == {0o600}
    assert diff("stream", files["live.jsonl"])[0] == 1
    assert diff(files["live.jsonl"], "stream", "--compare", "-events")[0] == 0


def test_a_job_that_fails_is_different(diff, replay):
    code, out, _ = diff("job", "--live", replay("job", "fail-job at-poll=2"), "--json")
    report = json.loads(out)
    assert (code, report["verdict"], report["found"], report["gaps"]) == (1, "different", 1, 0)
    [one] = report["differences"]
    assert (one["recorded"], one["why"]) == ("succeeded, 100 %, complete", "the job ended otherwise")


def test_a_chatbot_that_is_down_is_one_line_and_no_success(diff, down, tmp_path):
    code, out, err = diff("job", "--live", down, "--junit", tmp_path / "report.xml")
    assert (code, out) == (2, "")
    assert err == (
        f"chatreel: {resolve('job')} and {down}: nothing could be compared: "
        f"{down} cannot be reached: Connection refused\n"
    )
    [suite] = ET.parse(tmp_path / "report.xml").getroot()  # noqa: S314 - our own
    assert suite.get("tests") == suite.get("errors") != "0"
    code, out, err = diff("job", "--live", down, "--json")
    assert (code, json.loads(out)["verdict"], err) == (2, "could-not-compare", "")


def test_a_server_that_closes_every_connection_is_no_chatbot(diff, raw_server, read_request):
    closing = raw_server(lambda connection: read_request(connection) and None).url
    code, out, err = diff("stream", "--live", closing)
    assert (code, out) == (2, "")
    assert err == (
        f"chatreel: {resolve('stream')} and {closing}: nothing could be compared: "
        "it closed the connection without an answer\n"
    )


def test_what_could_only_be_compared_in_part_is_no_success(diff, cassette):
    talk = answers()
    talk.add("/api/v1/stream", body={"query": "hi"})
    left = cassette("left.jsonl", talk)
    right = cassette("right.jsonl", answers())
    code, out, _ = diff(left, right)
    assert code == 2
    assert "COULD NOT COMPARE" in out


def test_credentials_are_sent_and_written_nowhere(diff, raw_server, read_request, tmp_path, monkeypatch):
    asked: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        while data := read_request(connection):
            asked.append(data)
            answer = b'{"status": "no", "echo": "%b"}' % SECRET.encode()
            connection.sendall(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n%b" % (len(answer), answer))

    monkeypatch.setenv("CHATREEL_LIVE_COOKIES", f"sid={SECRET}1")
    live = raw_server(talk).url
    files = [tmp_path / name for name in ("live.jsonl", "report.xml", "report.html")]
    code, out, err = diff(
        "health", "--live", live, "--header", f"Authorization: Bearer {SECRET}", "--cookie", f"own={SECRET}2",
        "--save", files[0], "--junit", files[1], "--html", files[2],
    )  # fmt: skip
    assert code == 1
    [head] = [data.decode() for data in asked]
    assert f"Authorization: Bearer {SECRET}\r\n" in head
    assert f"sid={SECRET}1" in head
    assert f"own={SECRET}2" in head
    assert SECRET not in out + err + "".join(file.read_text() for file in files)


def test_what_is_learned_is_no_difference_any_more(diff, cassette, tmp_path):
    recordings = [
        cassette(f"{place}.jsonl", answers(score=score, kind_of=kind))
        for place, (score, kind) in enumerate([(1, "a"), (2, "a"), (3, "a")])
    ]
    noise = tmp_path / "noise.toml"
    code, out, err = diff("--learn", noise, *recordings)
    assert (code, err) == (0, "")
    assert out == f"learned from 3 recordings that 1 field can vary: {noise}\n"
    assert [field.pointer for field in read_noise(noise).fields] == ["/score"]
    new = cassette("new.jsonl", answers(score=4, kind_of="b"))
    assert diff(recordings[0], new)[1].count(" values changed: ") == 2
    code, out, _ = diff(recordings[0], new, "--noise", noise)
    assert (code, out.count(" values changed: ")) == (1, 1)
    assert "/kind_of values changed" in out


def test_noise_that_would_hide_a_change_of_the_answer_is_not_written(diff, tmp_path):
    known, new = tmp_path / "known.toml", tmp_path / "new.toml"
    known.write_text('[[field]]\npointer = "/response"\nevent = "result"\nvaries = "any"\n', encoding="utf-8")
    code, out, err = diff("--learn", new, "--noise", known, "stream", "stream")
    assert (code, out) == (2, "")
    assert f"{new} is not written, because it would hide " in err
    assert "in the answer to POST /api/v1/stream (exchange 0)" in err
    assert not new.exists()


def test_what_noise_cannot_say_is_told_while_learning(diff, cassette, tmp_path):
    one, other = cassette("a.jsonl", answers()), cassette("b.jsonl", stream([], status=503))
    code, out, _ = diff("--learn", tmp_path / "noise.toml", one, other)
    assert code == 1
    assert "not noise: session 0, exchange 0 (live 0), POST /api/v1/stream\n  status changed" in out
    assert diff("--learn", tmp_path / "none.toml", "stream", "job")[0] == 2


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--compare", "-values"], 0),
        (["--compare", "status,structure"], 0),
        (["--compare", "values"], 1),
        (["--ignore", "/items/*/price"], 0),
        (["--tolerance", "number=10%"], 0),
        (["--tolerance", "number=1%"], 1),
    ],
)
def test_what_is_compared_and_how_tolerantly(diff, cassette, options, code):
    recorded = cassette("a.jsonl", answers(items=[{"price": 100}]))
    live = cassette("b.jsonl", answers(items=[{"price": 105}]))
    assert diff(recorded, live, *options)[0] == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 0),
        (["--timing"], 1),
        (["--compare", "+timing"], 1),
        (["--timing", "--tolerance", "timing=20"], 0),
        (["--timing", "--tolerance", "floor=10s"], 0),
    ],
)
def test_times_count_when_asked_for(diff, cassette, options, code):
    slow, fast = (stream([event("a", at=at * part, n=1) for part in range(3)]) for at in (5_000_000, 500_000))
    assert diff(cassette("a.jsonl", fast), cassette("b.jsonl", slow), *options)[0] == code


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "Missing argument 'FILE...'"),
        (["stream"], "name two FILEs, one FILE and --live URL, or two FILEs and more for --learn FILE"),
        (["stream", "job", "error"], "name two FILEs"),
        (["stream", "job", "--live", "http://h"], "name two FILEs"),
        (["stream", "--learn", "{new}"], "name two FILEs"),
        (["stream", "nowhere.jsonl"], "nowhere.jsonl: there is no such file and no such sample"),
        (["stream", "job", "--pace", "recorded"], "--pace needs --live URL"),
        (["stream", "job", "--header", "a:b"], "--header needs --live URL"),
        (["stream", "job", "--save", "{new}"], "--save needs --live URL"),
        (["stream", "job", "--redact", "email"], "--redact needs --live URL"),
        (["stream", "job", "--learn", "{new}", "--json"], "--json is for a comparison"),
        (["stream", "--learn", "{new}", "--live", "http://h"], "--learn takes recordings"),
        (["stream", "--live", "http://h/path"], "--live http://h/path: write scheme://host[:port]"),
        (["stream", "--live", "http://h", "--header", "nonsense"], "--header: expected NAME:VALUE"),
        (["stream", "--live", "http://h", "--cookie", "nonsense"], "--cookie: expected NAME=VALUE"),
        (["stream", "--live", "http://h", "--concurrency", "0"], "--concurrency"),
        (["stream", "--live", "http://h", "--timeout", "long"], "is no duration"),
        (["stream", "--live", "http://h", "--redact", "nonsense"], "nonsense"),
        (["stream", "--live", "https://h", "--upstream-ca", __file__], "expected certificates in PEM"),
        (["stream", "stream", "--compare", "txts"], "did you mean texts?"),
        (["stream", "stream", "--tolerance", "text"], "--tolerance text: write text=0.8"),
        (["stream", "stream", "--ignore", "nonsense"], "nonsense"),
        (["stream", "stream", "--noise", "nowhere.toml"], "nowhere.toml"),
        (["stream", "stream", "--noise", __file__], "this is no TOML"),
        (["stream", "stream", "--html", "{old}"], "exists: --force replaces it"),
        (["stream", "stream", "--junit", "{old}"], "exists: --force replaces it"),
        (["stream", "stream", "--learn", "{old}"], "exists: --force replaces it"),
        (["stream", "--live", "http://h", "--save", "{old}"], "exists: --force replaces it"),
        (["stream", "stream", "--html", "{new}", "--junit", "{new}"], "is named twice"),
        (["{old}", "stream", "--html", "{old}", "--force"], "is a FILE itself"),
        (["stream", "stream", "--html", "{new}/x/y.html"], "there is no folder"),
        (["{old}", "stream"], "expected"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(diff, tmp_path, arguments, reason):
    old = tmp_path / "old"
    old.write_text("mine")
    code, out, err = diff(*(one.format(old=old, new=tmp_path / "new") for one in arguments))
    assert (code, out) == (2, "")
    assert reason in err
    assert err.count("\n") == 1
    assert old.read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_force_replaces(diff, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("mine")
    assert diff("stream", "stream", "--html", page, "--force")[0] == 0
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_progress_is_for_a_terminal_alone(chatbot):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "chatreel", "diff", "job", "--live", chatbot]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True, env=environment)
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the terminal's other side is closed
        while data := os.read(ours, 4096):
            said += data
    os.close(ours)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert out.startswith("same: ")
    text = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", said)
    assert re.search(rb"(asking|comparing).* 1/1 sessions", text)


def test_a_cassette_without_anything_is_no_success(diff, cassette):
    empty = cassette("empty.jsonl", Talk())
    code, out, err = diff(empty, empty)
    assert (code, out) == (2, "")
    assert err.endswith("nothing could be compared: there is no exchange to compare\n")


def test_ctrl_c_keeps_what_was_answered(raw_server, read_request, tmp_path):
    asked, stopped = threading.Event(), threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        asked.set()
        stopped.wait(20)

    saved, page = tmp_path / "saved.jsonl", tmp_path / "page.html"
    live = raw_server(talk).url
    command = [sys.executable, "-m", "chatreel", "diff", "stream", "--live", live, "--save", saved]
    process = start_child(*command, "--html", page)
    assert asked.wait(20)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "")
    stopped.set()
    assert process.returncode == 130
    assert not page.exists()
    with Cassette.open(saved) as cassette:
        assert len(cassette) == 1


def test_what_a_recording_lacks_is_said(diff, tmp_path):
    loss = Loss(at=9, reason="the disk was full", records=3, bytes=99)
    lossy = save(tmp_path / "lossy.jsonl", [HEADER, *answers().records(), loss])
    with lossy.open("a") as file:
        file.write('{"kind": "chunk", "exch')
    code, _, err = diff(lossy, lossy)
    assert code == 0
    assert f"chatreel: {lossy}: 3 records were lost while it was recorded: the disk was full\n" in err
    assert "left out the last line, which a crash tore" in err


def test_a_comparison_that_takes_too_long_ends_with_how_to_let_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["diff", "stream", "stream", "--time-limit", "0"]) == 2
    assert "in 0 s: give a longer --time-limit" in capsys.readouterr().err
