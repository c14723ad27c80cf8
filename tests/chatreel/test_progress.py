from __future__ import annotations

import io
import os
import sys

import pytest
from rich.console import Console

from cassettes.model import End, Loss, Request, Unknown
from chatreel.progress import ROWS, Lines, LiveTable, Ongoing, cells
from tests.cassettes.recorded import HEADER, chunk, end, request, response, whole

LOSS = Loss(at=5, reason="the disk is full", records=1)


def test_an_exchange_is_followed_from_request_to_end() -> None:
    ongoing = Ongoing()
    (begun,) = ongoing.touched([request(3)])
    assert (begun.exchange, begun.how) == (3, "")
    assert ongoing.touched([response(3), chunk(3)]) == [begun]
    assert (begun.status, begun.chunks) == (200, 1)
    assert ongoing.touched([end(3)]) == [begun]
    assert begun.how == "complete"
    assert ongoing.touched([chunk(3), end(3)]) == []  # it has ended


def test_records_of_no_exchange_are_not_counted_to_the_first_one() -> None:
    ongoing = Ongoing()
    (first,) = ongoing.touched([HEADER, request(0)])
    assert ongoing.touched([HEADER, LOSS, Unknown(kind="later", extra={"exchange": 0})]) == []
    assert not first.lossy
    assert ongoing.touched([Loss(at=5, reason="", exchange=0)]) == [first]
    assert first.lossy


def test_exchanges_of_one_batch_are_told_apart() -> None:
    touched = Ongoing().touched([request(0), request(1), chunk(1), *whole(2), end(0)])
    assert [(summary.exchange, summary.how, summary.chunks) for summary in touched] == [
        (0, "complete", 0),
        (1, "", 1),
        (2, "complete", 1),
    ]


def test_a_pipe_gets_a_line_for_each_exchange_that_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with Lines() as lines:
        lines.watch([HEADER, request(0), request(1, 10, url="http://h/b\x1b[2J"), response(0)])
        assert capsys.readouterr().out == ""
        lines.watch([response(1), chunk(1), LOSS, End(exchange=1, at=1510, how="reset")])
        assert (
            capsys.readouterr().out
            == "1  POST  /b\\u001b[2J  200  text/event-stream  1  24 B  1.5 ms  reset\n"
        )
        lines.watch([end(0)])
    assert capsys.readouterr().out == "0  POST  /a  200  text/event-stream  0  0 B  3 us  complete\n"


def test_a_reader_that_goes_away_does_not_end_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    gone = io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True)
    monkeypatch.setattr(sys, "stdout", gone)
    with gone, Lines() as lines:
        lines.watch(whole(0))
        lines.watch(whole(1))


def test_a_terminal_gets_a_table_of_the_latest_exchanges() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    with LiveTable(console) as table:
        for number in range(ROWS + 5):
            table.watch(whole(number))
        table.watch([LOSS, request(99, url="http://h/[bold]x[/bold]\u202e")])
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    rows = [line.split() for line in shown.splitlines() if "/a" in line or "/[" in line]
    assert [row[0] for row in rows[-ROWS:]] == [*map(str, range(6, ROWS + 5)), "99"]
    assert rows[-2][1:] == ["POST", "/a", "200", "text/event-stream", "1", "24", "B", "3", "us", "complete"]
    assert rows[-1] == ["99", "POST", "/[bold]x[/bold]\\u202e", "-", "-", "0", "0", "B", "0", "us", "..."]


def test_a_narrow_terminal_cuts_the_target_not_the_figures() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    with LiveTable(console) as table:
        table.watch([request(0, url="http://h/" + "x" * 500), response(0), chunk(0), end(0, 7_503_900)])
    assert isinstance(console.file, io.StringIO)
    row = next(line for line in reversed(console.file.getvalue().splitlines()) if "POST" in line)
    assert "7.504 s" in row
    assert "complete" in row
    assert "…" in row


def test_a_hostile_request_is_shown_in_escapes() -> None:
    hostile = Request(exchange=0, at=0, method="G\x1bT", url="http://h/\n", http="1.1", headers=())
    (summary,) = Ongoing().touched([hostile])
    assert cells(summary)[1:3] == ("G\\u001bT", "/\\n")
