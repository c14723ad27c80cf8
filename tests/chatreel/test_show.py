from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from itertools import batched
from pathlib import Path
from typing import Any

import pytest

from cassettes.file.format_v1 import encode
from cassettes.model import AnyRecord, Chunk, End, Loss, Request, Response, WebSocketMessage
from cassettes.samples import samples
from chatreel.commands.show import PAGE, bar
from chatreel.main import run
from chatreel.output.recording_table import COLUMNS
from tests.cassettes.recorded import HEADER, chunk, end, request, response, save, whole

STREAM: list[AnyRecord] = [
    Request(
        exchange=0,
        at=1000,
        method="POST",
        url="http://h/api/v1/stream?mode=x",
        http="1.1",
        headers=(("Content-Type", "application/json"), ("cookie", "a=1")),
        body=b'{"query":"hi"}',
    ),
    response(0, 9214),
    chunk(0, 9301, b'event: progress\ndata: {"progress": 10}\n\n: beat\n\n'),
    chunk(0, 1_001_000, b"id: 7\nretry: 10\ndata: two\ndata: lines\n\ndata: cut"),
    Loss(at=1_100_000, reason="the disk is full", records=2, bytes=10, exchange=0),
    end(0, 2_001_000),
]
POLL: list[AnyRecord] = [
    Request(exchange=1, at=5, method="GET", url="http://h/jobs/1", http="1.1", headers=()),
    Response(exchange=1, at=6, status=404, reason="Not Found", headers=(("Content-Type", "application/json"),)),
    Chunk(exchange=1, at=7, data=b"\xff" * 1500),
]  # fmt: skip
STYLE = re.compile(r"\x1b\[[0-9;]*m")
EVIL = "\x1b[2J\x07\r\n\t\u202e\u2066\x9b[red]b[/red]:smile:\u2028\x7f"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return save(tmp_path / "a.jsonl", [HEADER, *STREAM, *POLL])


def show(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[str]:
    """The lines that go into a pipe."""
    assert run(["show", *map(str, arguments)]) == 0
    return capsys.readouterr().out.splitlines()


def on_terminal(columns: int, *arguments: object) -> list[str]:
    """The lines on a terminal of that width, without colours."""
    leader, follower = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "chatreel", "show", *map(str, arguments)],
        stdout=follower, env=environment,
    ) as process:  # fmt: skip
        os.close(follower)
        output = b""
        try:
            while block := os.read(leader, 65536):
                output += block
        except OSError:  # how Linux says that the other side has closed
            pass
        os.close(leader)
    assert process.returncode == 0
    return STYLE.sub("", output.decode()).splitlines()


def test_a_piped_table_has_a_plain_line_for_each_exchange(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(capsys, path) == [
        "#\tmethod\ttarget\tstatus\ttype\tchunks\tsize\ttime\tend\tevents",
        "0\tPOST\t/api/v1/stream?mode=x\t200\ttext/event-stream\t2\t96 B\t2.000 s\tcomplete (incomplete recording)\t2",
        "1\tGET\t/jobs/1\t404\tapplication/json\t1\t1.5 kB\t2 us\tunfinished\t-",
    ]


def test_a_piped_exchange_is_its_head_and_its_time_line(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(capsys, path, 0) == [
        "POST http://h/api/v1/stream?mode=x HTTP/1.1",
        "  Content-Type: application/json",
        "  cookie: a=1",
        '  {"query":"hi"}',
        "HTTP/1.1 200 OK",
        "  Content-Type: text/event-stream",
        "the disk is full: 2 records, 10 bytes lost",
        "8.2 ms\t8.2 ms\t200 OK\t",
        '8.3 ms\t87 us\tprogress\t{"progress": 10}',
        "8.3 ms\t0 us\tmessage\t(not dispatched) : beat",
        "1.000 s\t991.7 ms\tmessage\ttwo\\nlines",
        "2.000 s\t1.000 s\tmessage\tcut (not dispatched)",
        "2.000 s\t0 us\tcomplete\t",
    ]


def test_bytes_that_are_no_text_are_shown_as_such(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(capsys, path, 1)[-2:] == [f"2 us\t1 us\t1500 bytes\t{'�' * 1500}", "2 us\t0 us\tunfinished\t"]


def test_nothing_is_cut_in_a_pipe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 100_000
    path = save(
        tmp_path / "a.jsonl",
        [HEADER, *whole(url=f"http://h/{long}", data=b"data: " + long.encode() + b"\n\n")],
    )
    assert show(capsys, path)[1].split("\t")[2] == f"/{long}"
    assert f"2 us\t1 us\tmessage\t{long}" in show(capsys, path, 0)


def test_json_is_an_object_a_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, show(capsys, path, "--json"))
    assert first == {
        "exchange": 0,
        "method": "POST",
        "target": "/api/v1/stream?mode=x",
        "began": 1000,
        "status": 200,
        "media_type": "text/event-stream",
        "chunks": 2,
        "bytes": 96,
        "first": 9301,
        "last": 2_001_000,
        "how": "complete",
        "lossy": True,
        "message": "",
        "events": 2,
    }
    assert (second["exchange"], second["events"], second["how"]) == (1, 0, "unfinished")


def test_json_numbers_exchanges_as_the_cassette_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER, *whole(7), HEADER, *whole(7)])
    shown = [json.loads(line)["exchange"] for line in show(capsys, path, "--json")]
    assert shown == [0, 1]
    assert json.loads(show(capsys, path, 1, "--json")[0])["exchange"] == 1


def test_an_exchange_as_json_holds_all_of_it(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = show(capsys, path, 0, "--json")
    shown: dict[str, Any] = json.loads(line)
    assert shown["request"] == json.loads(encode(STREAM[:1]))
    assert shown["response"] == json.loads(encode(STREAM[1:2]))
    assert shown["losses"] == [json.loads(encode(STREAM[4:5]))]
    assert shown["timeline"][3] == {
        "at": 1_000_000,
        "gap": 991_699,
        "what": "event",
        "name": "message",
        "data": "two\nlines",
        "id": "7",
        "retry": 10,
        "dispatched": True,
        "comments": [],
    }
    assert json.loads(show(capsys, path, 1, "--json")[0])["timeline"][-1]["name"] == "unfinished"


@pytest.mark.parametrize("arguments", [(), (0,), ("--json",), (0, "--json")])
def test_recorded_text_is_never_executed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[object, ...]
) -> None:
    hostile = Request(
        exchange=0,
        at=0,
        method=EVIL,
        url=f"http://h/{EVIL}",
        http=EVIL,
        headers=((EVIL, EVIL),),
        body=EVIL.encode(),
    )
    answer = Response(exchange=0, at=1, status=200, reason=EVIL, headers=(("Content-Type", EVIL),))
    path = save(
        tmp_path / "a.jsonl",
        [
            HEADER,
            hostile,
            answer,
            chunk(0, 2, EVIL.encode()),
            Loss(at=2, reason=EVIL, exchange=0),
            Loss(at=2, reason=EVIL),
            End(exchange=0, at=3, how="error", message=EVIL),
        ],
    )
    assert run(["show", str(path), *map(str, arguments)]) == 0
    output = capsys.readouterr()
    assert output.out.replace("\n", "").replace("\t", "").isprintable()
    assert output.err.replace("\n", "").isprintable()
    assert r"\u001b[2J" in output.out
    assert r"\u202e" in output.out
    if "--json" not in arguments:
        assert "[red]b[/red]:smile:" in output.out
        assert "[red]b[/red]:smile:" in "\n".join(on_terminal(2000, path, *arguments))


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_table_fits_the_terminal(tmp_path: Path, columns: int) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER, *whole(url="http://h/" + "long/" * 50)])
    header, row = on_terminal(columns, path)
    assert max(len(header), len(row)) <= columns
    if columns >= 80:
        assert "/l" in row
        assert header.split() == [*COLUMNS, "events"]


@pytest.mark.parametrize("columns", [60, 80, 99])
def test_a_time_line_fits_the_terminal_with_its_times_whole(tmp_path: Path, columns: int) -> None:
    data = b"event: progress\ndata: " + "Wörter 😀 ".encode() * 50 + b"\n\n"
    path = save(tmp_path / "a.jsonl", [HEADER, *whole(data=data)])
    *_, header, head, event, last = on_terminal(columns, path, 0)
    assert header.split() == ["offset", "gap", "data"]
    assert head.split() == ["1", "us", "1", "us", "200", "OK"]
    assert event.startswith("2 us    1 us  progress  Wörter")
    assert event.endswith("…")
    assert len(event) <= columns
    assert last.split() == ["3", "us", "1", "us", "complete"]


def test_a_wide_terminal_shows_the_waits_too(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER, *whole(data=b"data: 1\n\n")])
    *_, head, event, last = on_terminal(100, path, 0)
    assert [line[:46].split()[4] for line in (head, event, last)] == ["────────●", "───────●", "────────●"]
    assert [line.index("●") for line in (head, event, last)] == [22, 29, 37]


def test_a_long_table_comes_in_pages(tmp_path: Path) -> None:
    count = PAGE + 1
    path = save(
        tmp_path / "a.jsonl", [HEADER, *(record for number in range(count) for record in whole(number))]
    )
    lines = on_terminal(120, path)
    assert [line.split()[0] for line in lines] == [
        cell for page in batched(map(str, range(count)), PAGE) for cell in ("#", *page)
    ]


def test_warnings_and_losses_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    losses = [Loss(at=1, reason="the queue is full", records=3, bytes=5), Loss(at=2, reason="it ends here")]
    path = save(tmp_path / "a.jsonl", encode([HEADER, *whole(), *losses]) + b'{"torn')
    assert run(["show", str(path), "--json"]) == 0
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 1
    assert output.err.splitlines() == [
        f"chatreel: {path}: left out the last line, which a crash tore",
        "chatreel: the queue is full: 3 records, 5 bytes lost",
        "chatreel: it ends here",
    ]


def test_a_cassette_without_exchanges_is_its_head(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER])
    assert len(show(capsys, path)) == 1
    assert show(capsys, path, "--json") == []


def test_a_sample_is_known_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    for name, path in samples().items():
        assert show(capsys, name) == show(capsys, path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{path}", "2"], "{path} has 2 exchanges, counted from 0: there is no 2"),
        (["{path}", "-1"], "No such option '-1'; chatreel show --help shows what it takes"),
        (
            ["{path}", "one"],
            "Invalid value for '[EXCHANGE]': 'one' is not a valid integer range; chatreel show --help shows",
        ),
        (["nosuch"], "nosuch: there is no such file and no such sample; the samples are: "),
        (["{folder}"], "{folder}: cannot be read: Is a directory"),
        (["{broken}"], "{broken}, line 2: expected a record in JSON, found 'hello\\n' "),
        ([], "Missing argument 'FILE'; chatreel show --help shows what it takes"),
    ],
)
def test_an_error_is_one_line_and_exit_2(
    path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    broken = save(path.with_name("broken.jsonl"), encode([HEADER]) + b"hello\n")
    names = {"path": path, "folder": path.parent, "broken": broken}
    assert run(["show", *(argument.format(**names) for argument in arguments)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"chatreel: {message.format(**names)}")
    assert output.err.count("\n") == 1


def test_an_unfinished_request_can_be_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = save(tmp_path / "a.jsonl", [HEADER, request(url="http://[broken")])
    assert show(capsys, path)[1] == "0\tPOST\t\t-\t-\t0\t0 B\t0 us\tunfinished\t-"
    assert show(capsys, path, 0) == ["POST http://[broken HTTP/1.1", "0 us\t0 us\tunfinished\t"]
    assert json.loads(show(capsys, path, 0, "--json")[0])["response"] is None


@pytest.mark.parametrize(
    ("begin", "end", "total", "drawn"),
    [
        (0, 0, 0, "●"),
        (0, 0, 100, "●"),
        (0, 100, 100, "─" * 23 + "●"),
        (50, 100, 100, " " * 12 + "─" * 11 + "●"),
        (100, 100, 100, " " * 23 + "●"),
    ],
)
def test_a_wait_is_drawn_to_scale(begin, end, total, drawn):
    assert bar(begin, end, total) == drawn


CHAT = b"".join(
    b'data: {"object": "chat.completion.chunk", "model": "gpt-4o", "choices": [{"index": 0, "delta": %b}]}\n\n'
    % delta
    for delta in (
        b'{"content": "Hello\\n"}',
        b'{"content": "\\u001b[2Jyou"}',
        b'{"tool_calls": [{"index": 0, "function": {"name": "look", "arguments": "{\\"a\\": 1}"}}]}',
    )
)
ANSWER = ["answer:", "  Hello", "  \\u001b[2Jyou", 'tool call: look {"a": 1}', "(openai-chat, gpt-4o)"]


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    asked = request(body=b'{"messages": [{"role": "user", "content": "Who?\\nMe?"}]}')
    return save(tmp_path / "chat.jsonl", [HEADER, asked, response(), chunk(data=CHAT), end(), *whole(1, 9)])


def test_an_answer_stands_before_its_events(chat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = show(capsys, chat, 0)
    place = lines.index("answer:")
    assert lines[place : place + 5] == ANSWER
    assert "200 OK" in lines[place + 5]
    (fields,) = map(json.loads, show(capsys, chat, 0, "--json"))
    answer = fields["answer"]
    assert (answer["protocol"], answer["text"]) == ("openai-chat", "Hello\n\x1b[2Jyou")
    assert answer["tool_calls"] == [{"name": "look", "arguments": {"a": 1}, "id": ""}]
    assert [piece["event"] for piece in answer["pieces"]] == [0, 1, 2]
    assert json.loads(show(capsys, chat, 1, "--json")[0])["answer"] is None


def test_a_transcript_has_what_was_asked_and_answered(chat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(capsys, chat, "--answers") == [
        "exchange 0  POST /a", "asked:", "  Who?", "  Me?", *ANSWER, "",
    ]  # fmt: skip
    (turn,) = map(json.loads, show(capsys, chat, "--answers", "--json"))
    assert (turn["exchange"], turn["question"], turn["answer"]["model"]) == (0, "Who?\nMe?", "gpt-4o")


def test_a_transcript_is_of_all_exchanges(chat: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", str(chat), "0", "--answers"]) == 2
    assert "--answers shows all of them" in capsys.readouterr().err
    assert run(["show", str(chat), "--sessions", "--answers"]) == 2
    assert "either --sessions or --answers" in capsys.readouterr().err


def test_behind_its_last_event_an_exchange_is_complete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = End(exchange=0, at=3, how="client-closed")
    for data, how in ((CHAT + b"data: [DONE]\n\n", "complete"), (CHAT, "client-closed")):
        path = save(tmp_path / "left.jsonl", [HEADER, request(), response(), chunk(data=data), left])
        assert show(capsys, path, 0)[-1].split()[-1] == how
        assert show(capsys, path)[1].split()[-2] == how
        assert json.loads(show(capsys, path, "--json")[0])["how"] == how


def test_messages_of_a_websocket_are_on_the_time_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    socket: list[AnyRecord] = [
        Response(exchange=0, at=5, status=101, reason="Switching Protocols", headers=()),
        WebSocketMessage(exchange=0, at=1_007, sender="client", opcode=1, data=b"hi"),
        WebSocketMessage(exchange=0, at=2_007, sender="server", opcode=2, data=b"there"),
    ]
    path = save(tmp_path / "socket.jsonl", [HEADER, request(0, 7), *socket, end(0, 3_007)])
    assert run(["show", str(path), "0"]) == 0
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()[-3:]]
    assert [line[2:] for line in lines] == [["client", "hi"], ["server, binary", "there"], ["complete", ""]]
    assert run(["show", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split("\t")[5:7] == ["2", "7 B"]
