"""`chatreel client`, against the sample chatbot and servers of hand-made streams."""

from __future__ import annotations

import json
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatreel.commands.client import block
from chatreel.main import run
from chatreel.workflows.threaded_server import Threaded
from platform_client.events import ClientEvent
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.child import start_child
from tests.platform_client.raw_server import AnsweringServer, head, sends, sends_json

type Output = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Threaded(lambda: server.run(ChatbotSettings(pace=0))) as origin:
        yield f"{origin}/api/v1/stream"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHATBOT_DEEP_STREAM_URL", "CHATBOT_DEEP_URL", "CHATBOT_POLL_INTERVAL"):
        monkeypatch.delenv(name, raising=False)


def client(url: str, *arguments: str) -> int:
    return run(["client", "--url", url, "--query", "test", "--poll-interval", "0.001", *arguments])


def test_the_output_of_an_error(url: str, capsys: Output) -> None:  # TC-401
    assert client(f"{url}/error") == 1
    assert capsys.readouterr().out == (
        "[PROGRESS]\n"
        "{\n"
        '  "step": "initializing",\n'
        '  "message": "Starting...",\n'
        '  "progress": 10\n'
        "}\n"
        "\n"
        "[ERROR]\n"
        "{\n"
        '  "error": "Simulated processing error: Document retrieval failed"\n'
        "}\n"
        "\n"
        "SUMMARY\n"
        "Total events received: 2\n"
        "Result found: False\n"
        "Error occurred: True\n"
    )


def test_a_result_is_success(url: str, capsys: Output) -> None:  # TC-101
    assert client(url) == 0
    out = capsys.readouterr().out
    assert [line for line in out.splitlines() if line.startswith("[")] == [
        *["[PROGRESS]"] * 4,
        "[RESULT]",
        "[COMPLETE]",
    ]
    assert out.endswith("SUMMARY\nTotal events received: 6\nResult found: True\nError occurred: False\n")


def test_a_job_shows_its_log_on_stderr(url: str, capsys: Output) -> None:  # TC-201, TC-204
    assert client(f"{url}?mode=job", "--expect-job", "--max-poll-time", "0.15", "--verbose") == 0
    err = capsys.readouterr().err
    assert "Poll attempt 1/150\n" in err
    assert "✅ Cookies received: {'session_id': '" in err
    assert err.endswith("✅ Job finished with status: succeeded\n")


def test_the_request_is_logged_only_when_asked_for(url: str, capsys: Output) -> None:
    logged = []
    for arguments in ([], ["--verbose"]):
        client(url, *arguments)
        logged.append(f"POST {url}" in capsys.readouterr().err)
    assert logged == [False, True]


def test_a_stream_where_a_job_is_expected(url: str, capsys: Output) -> None:
    assert client(url, "--expect-job") == 1
    assert "Unexpected response type: text/event-stream" in capsys.readouterr().out


def test_polls_run_out(capsys: Output) -> None:  # TC-501
    with AnsweringServer((sends_json({"job_id": "1"}), sends_json({"status": "running"}))) as server:
        assert client(server.url, "--max-poll-time", "0.003") == 1
    out, err = capsys.readouterr()
    assert "Poll attempt 3/3\n" in err
    assert err.endswith("❌ Job polling timeout\n")
    assert '"error": "Job polling timeout exceeded"' in out


@pytest.mark.parametrize(
    ("option", "silent_for", "shown"),
    [
        ("--timeout", "the head", "Failed to connect to chatbot: "),
        ("--stream-timeout", "the stream", "Stream ended prematurely"),
        ("--heartbeat-after", "the stream", "[HEARTBEAT]\n{}\n"),
    ],
)
def test_the_time_outs_are_options(option: str, silent_for: str, shown: str, capsys: Output) -> None:
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"" if silent_for == "the head" else head())
        over.wait(0.3 if option == "--heartbeat-after" else 10)

    with AnsweringServer((answer,)) as server:
        assert client(server.url, option, "0.1") == 1
        over.set()
    assert shown in capsys.readouterr().out


def test_the_flags_reach_the_chatbot(tmp_path: Path, url: str) -> None:  # TC-102, TC-104
    history, output = tmp_path / "history.json", tmp_path / "output.json"
    history.write_text('[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]')
    flags = ["--history", str(history), "--save-output", str(output), "--no-auto-load", "--no-memory"]
    assert client(url, *flags) == 0
    events = json.loads(output.read_text())
    progress = [json.loads(event["data"])["progress"] for event in events if event["event"] == "progress"]
    assert progress == sorted(progress)
    assert [event["event"] for event in events].index("result") == 4
    assert json.loads(events[4]["data"])["metadata"] == {
        "documents_analyzed": 12,
        "history_messages": 2,
        "auto_load_documents": False,
        "memory_enabled": False,
    }


def test_the_saved_data_is_the_raw_string(tmp_path: Path) -> None:
    output = tmp_path / "output.json"
    with AnsweringServer((sends(head(), 'data: {"a":  "é\x1b"}\ndata: x\n\n'.encode()),)) as server:
        assert client(server.url, "--save-output", str(output)) == 1
    assert json.loads(output.read_text()) == [{"event": "message", "data": '{"a":  "é\x1b"}\nx'}]


@pytest.mark.parametrize(("name", "path"), [("CHATBOT_DEEP_STREAM_URL", ""), ("CHATBOT_DEEP_URL", "/stream")])
def test_the_url_comes_from_the_environment(
    url: str, name: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, url.removesuffix(path) if path else url)
    assert run(["client", "--query", "test"]) == 0


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("X", "", "no chatbot to ask: pass --url"),
        ("CHATBOT_POLL_INTERVAL", "two", "CHATBOT_POLL_INTERVAL: 'two'"),
    ],
)
def test_a_wrong_environment_is_one_line(
    variable: str, value: str, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv(variable, value)
    arguments = ["--url", "http://127.0.0.1:1/"] if value else []
    assert run(["client", "--query", "test", *arguments]) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("content", [b"not json", b"{}", b'[{"role": "user"}]', b'"\xff"', b"[" * 100_000])
def test_a_bad_history_is_one_line(content: bytes, tmp_path: Path, capsys: Output) -> None:
    history = tmp_path / "history.json"
    history.write_bytes(content)
    assert client("http://127.0.0.1:1/", "--history", str(history)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"chatreel: --history {history}: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--history", "missing.json"],
        ["--save-output", "missing/output.json"],
        ["--timeout", "nan"],
        ["--stream-timeout", "-1"],
        ["--heartbeat-after", "0"],
        ["--max-poll-time", "inf"],
        ["--poll-interval", "soon"],
    ],
)
def test_a_wrong_option_is_one_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    assert client("http://127.0.0.1:1/", *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk at hand")
def test_a_full_disk_is_one_line(url: str, capsys: Output) -> None:
    assert client(url, "--save-output", "/dev/full") == 2
    assert "chatreel: --save-output /dev/full: No space left on device\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (ClientEvent("message", "plain text"), "[MESSAGE]\n  plain text\n"),
        (ClientEvent("heartbeat", "{}"), "[HEARTBEAT]\n{}\n"),
        (ClientEvent("x\x1b[2J", '"\x1b"'), '[X\\u001b[2J]\n  "\\u001b"\n'),
        (ClientEvent("progress", '{"a": "\\u001b[2J"}'), '[PROGRESS]\n{\n  "a": "\\u001b[2J"\n}\n'),
        (ClientEvent("progress", '{"a": "\u202e"}'), '[PROGRESS]\n{\n  "a": "\\u202e"\n}\n'),
        (ClientEvent("message", "x\n[RESULT]\n{}"), "[MESSAGE]\n  x\n  [RESULT]\n  {}\n"),
        (ClientEvent("message", "[" * 100_000), f"[MESSAGE]\n  {'[' * 100_000}\n"),
    ],
)
def test_the_data_of_others_neither_moves_the_cursor_nor_looks_like_an_event(
    event: ClientEvent, shown: str
) -> None:
    assert block(event) == shown


def test_a_program_reads_json(url: str, capsys: Output) -> None:
    assert client(url, "--json") == 0
    *events, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert [event["event"] for event in events][-2:] == ["result", "complete"]
    assert "response" in json.loads(events[-2]["data"])
    assert last == {"events": len(events), "result": True, "error": False}


def test_quiet_is_the_summary_alone(url: str, capsys: Output) -> None:
    assert client(url, "--quiet") == 0
    output = capsys.readouterr()
    assert output.out.startswith("SUMMARY\nTotal events received: ")
    assert output.err == ""


@pytest.mark.parametrize(("name", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_and_what_arrived_is_kept(tmp_path: Path, name: signal.Signals, code: int) -> None:
    output = tmp_path / "output.json"
    with Threaded(lambda: server.run(ChatbotSettings(pace=1))) as origin:
        command = [sys.executable, "-m", "chatreel", "client", "--url", f"{origin}/api/v1/stream/timeout"]
        process = start_child(*command, "--query", "test", "--save-output", output)
        assert process.stdout is not None
        for line in process.stdout:
            if line == "}\n":
                break
        process.send_signal(name)
        out, err = process.communicate(timeout=10)
    assert process.returncode == code
    assert out.endswith("SUMMARY\nTotal events received: 1\nResult found: False\nError occurred: False\n")
    assert "Traceback" not in err
    assert [event["event"] for event in json.loads(output.read_text())] == ["progress"]
