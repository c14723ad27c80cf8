from __future__ import annotations

import io

import pytest
from rich.console import Console

from comparison.report.terminal import print_report
from comparison.report.text import lines
from tests.comparison.mutants import sample
from tests.comparison.report.reports import hostile, report_on, steps


def printed(report, width=100) -> str:
    out = io.StringIO()
    print_report(report, Console(file=out, force_terminal=True, width=width, color_system="standard"))
    return out.getvalue()


def test_each_difference_is_told_in_its_place():
    assert list(lines(report_on(steps("a", "b", "d"), steps("a", "c")))) == [
        "DIFFERENT: a.jsonl and b.jsonl",
        "  1 question of 1 session compared, 2 differences",
        "  events 1, values 1",
        "",
        "session 0, exchange 0 (live 0), POST /api/v1/stream",
        "  event 1 (live 1) progress /step values changed: the value is another",
        '    recorded: "b"',
        '    live:     "c"',
        "  event 2 progress events removed: a recorded event never came",
        '    recorded: progress {"number":2,"step":"d"}',
        "    live:     nothing",
    ]


def test_the_same_is_two_lines():
    assert list(lines(report_on(sample("stream"), sample("stream")))) == [
        "same: a.jsonl and b.jsonl",
        "  1 question of 1 session compared, 0 differences",
    ]


def test_what_could_not_be_compared_is_told():
    text = "\n".join(lines(report_on(sample("stream"), sample("job"))))
    assert text.startswith("COULD NOT COMPARE: a.jsonl and b.jsonl\n")
    assert "session 0\n  could not be compared: no live session asks this" in text
    assert "live session 0\n  could not be compared: no recorded session asks this" in text


@pytest.mark.parametrize("width", [30, 200])
def test_nothing_that_was_recorded_can_move_the_cursor(width):
    report = report_on(*hostile())
    assert report.found >= 2
    assert all(line.isprintable() for line in lines(report))
    text = printed(report, width)
    assert "\x1b[2J" not in text
    assert "\u202e" not in text


def test_a_terminal_has_both_sides_beside_each_other():
    text = printed(report_on(steps("a", "b"), steps("a", "c")))
    [row] = [line for line in text.splitlines() if '"b"' in line]
    assert row.index('"b"') < row.index('"c"')
    assert "\x1b[1;31mDIFFERENT: a.jsonl and b.jsonl" in text


def test_a_terminal_tells_what_could_not_be_compared():
    assert "could not be compared: no live session asks this" in printed(
        report_on(sample("stream"), sample("job"))
    )
