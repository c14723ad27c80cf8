from __future__ import annotations

import io
import os
import sys

import pytest
from rich.console import Console

from cassettes.model import End, Request
from cassettes.views.summary import OngoingExchanges, Summary
from chatreel.output.recording_table import COLUMNS, ROWS, Lines, LiveTable, cells, chosen, fitting
from tests.cassettes.recorded import chunk, end, request, response, whole


def test_a_pipe_gets_a_line_for_each_exchange_that_ends(capsys: pytest.CaptureFixture[str]) -> None:
    ongoing = OngoingExchanges()
    with Lines() as lines:
        lines.watch(ongoing.touched([request(0), request(1, 10, url="http://h/b\x1b[2J"), response(0)]))
        assert capsys.readouterr().out == ""
        lines.watch(ongoing.touched([response(1), chunk(1), End(exchange=1, at=1510, how="reset")]))
        assert (
            capsys.readouterr().out
            == "1\tPOST\t/b\\u001b[2J\t200\ttext/event-stream\t1\t24 B\t1.5 ms\treset\n"
        )
        lines.watch(ongoing.touched([end(0)]))
    assert capsys.readouterr().out == "0\tPOST\t/a\t200\ttext/event-stream\t0\t0 B\t3 us\tcomplete\n"


def test_a_reader_that_goes_away_does_not_end_the_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    gone = io.TextIOWrapper(io.FileIO(writer, "w"), write_through=True)
    monkeypatch.setattr(sys, "stdout", gone)
    with gone, Lines() as lines:
        lines.watch(OngoingExchanges().touched(whole(0)))
        lines.watch(OngoingExchanges().touched(whole(1)))


def test_a_terminal_gets_a_table_of_the_latest_exchanges() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None)
    with LiveTable(console) as table:
        for number in range(ROWS + 5):
            table.watch(OngoingExchanges().touched(whole(number)))
        table.watch([Summary.begun(request(99, url="http://h/[bold]x[/bold]\u202e"))])
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    rows = [line.split() for line in shown.splitlines() if "/a" in line or "/[" in line]
    assert [row[0] for row in rows[-ROWS:]] == [*map(str, range(6, ROWS + 5)), "99"]
    assert rows[-2][1:] == ["POST", "/a", "200", "text/event-stream", "1", "24", "B", "3", "us", "complete"]
    assert rows[-1] == ["99", "POST", "/[bold]x[/bold]\\u202e", "-", "-", "0", "0", "B", "0", "us", "..."]


def test_a_narrow_terminal_cuts_the_target_not_the_figures() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    with LiveTable(console) as table:
        records = [request(0, url="http://h/" + "x" * 500), response(0), chunk(0), end(0, 7_503_900)]
        table.watch(OngoingExchanges().touched(records))
    assert isinstance(console.file, io.StringIO)
    row = next(line for line in reversed(console.file.getvalue().splitlines()) if "POST" in line)
    assert "7.504 s" in row
    assert "complete" in row
    assert "…" in row


@pytest.mark.parametrize(
    ("width", "left"),
    [
        (120, [*COLUMNS]),
        (60, ["#", "method", "target", "status", "size", "time", "end"]),
        (40, ["#", "method", "target", "status", "time"]),
        (10, ["#", "target"]),
    ],
)
def test_a_narrow_terminal_leaves_out_what_tells_least(width: int, left: list[str]) -> None:
    assert fitting(COLUMNS, width) == left
    assert chosen(COLUMNS, COLUMNS, left) == left


def test_a_hostile_request_is_shown_in_escapes() -> None:
    hostile = Request(exchange=0, at=0, method="G\x1bT", url="http://h/\n", http="1.1", headers=())
    (summary,) = OngoingExchanges().touched([hostile])
    assert cells(summary)[1:3] == ("G\\u001bT", "/\\n")
