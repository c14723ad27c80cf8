"""The benchmarks at their smallest, so that they do not rot. What they measure is no matter here."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from benchmarks import (
    diffing,
    fixture_cost,
    inspecting,
    loading,
    nobody_waits,
    open_streams,
    platform_soak,
    recording_cost,
    redaction_cost,
    replay_throughput,
    replay_timing,
)
from benchmarks.baseline import RatioEntry, ratios_of, read, worse_lines, write
from benchmarks.result_tables import MeasureRow, machine, table
from benchmarks.rounds import in_turns, percentile
from benchmarks.stream_client import unchunked


def shown(result: Table) -> list[str]:
    console = Console(width=120, file=io.StringIO())
    console.print(result)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # it is the StringIO above


def test_recording():
    lines = shown(recording_cost.run(rounds=1, streams=[2], events=5, many=200))
    assert [line.split("  ")[0].strip() for line in lines[-3:]] == [
        "streams: 2, p50 added (ms)",
        "streams: 2, p99 added (ms)",
        "events per second",
    ]


def test_the_soak_of_the_platform():
    assert platform_soak.run(chats=8, warm_up=4, at_once=2) < 1 << 30


def test_replay_timing():
    lines = shown(replay_timing.run(rounds=1, streams=[3], events=2, spread=10_000))
    assert [line.split("  ")[0].strip() for line in lines[-3:]] == [
        "streams: 3, p50",
        "streams: 3, p90",
        "streams: 3, p99",
    ]


def test_loading():
    lines = shown(loading.run(rounds=1, sizes=[20]))
    assert [line.split("  ")[0].strip() for line in lines[-2:]] == ["20 exchanges (s)", "20 exchanges (MiB)"]


def test_inspecting():
    lines = [line.split("  ")[0].strip() for line in shown(inspecting.run(rounds=1, size=20))]
    place = lines.index("first rows (s)")
    assert lines[place : place + 3] == ["first rows (s)", "all summed up (s)", "server and helper (MiB)"]
    assert lines[place + 3 :] in ([], ["first row in the browser (s)", "page (MiB)"])


def test_open_streams():
    assert shown(open_streams.run(rounds=1, streams=3))[-1].split()[:2] == ["streams:", "3"]


def test_nobody_waits():
    lines = shown(nobody_waits.run(rounds=1, megabytes=[1], readers=2, kinds=nobody_waits.KINDS[2:3]))
    assert [line.split("  ")[0].strip() for line in lines[-4:]] == [
        "1 MB text, match (ms)",
        "1 MB text, miss (ms)",
        "2 slow readers of 1 MB (ms)",
        "memory that they take (MiB)",
    ]


def test_diffing():
    lines = shown(diffing.run(rounds=1, sizes=[2]))
    assert [line.split("  ")[0].strip() for line in lines[-2:]] == [
        "2 conversations (s)",
        "2 conversations (MiB)",
    ]


def test_the_fixture():
    lines = shown(fixture_cost.run(rounds=1, tests=2))
    assert [line.split("  ")[0].strip() for line in lines[-3:]] == [
        "a test, p50 (ms)",
        "a test, p99 (ms)",
        "the first test (ms)",
    ]


def test_rotating_cookies():
    assert shown(redaction_cost.run(few=5, many=20, measured=5))[-1].split()[:3] == ["an", "exchange", "(us)"]


def test_a_row_is_the_medians_of_its_rounds_and_their_ratio():
    row = MeasureRow("a measure", ours=[1, 900, 2], theirs=[8, 7, 9_000], aim="0.50")
    assert shown(table("a title", "ours", "theirs", [row]))[-1].split() == [
        "a",
        "measure",
        "2",
        "8",
        "0.50",
        "0.25",
    ]


def test_sides_take_turns_at_being_first():
    called = []
    results = in_turns(3, lambda: called.append("a") or "A", lambda: called.append("b") or "B")
    assert results == [["A"] * 3, ["B"] * 3]
    assert "".join(called) == "abbaab"


@pytest.mark.parametrize(("percent", "expected"), [(0, 1), (50, 2), (51, 3), (99, 4), (100, 4)])
def test_percentiles_are_values_by_nearest_rank(percent, expected):
    assert percentile([4, 2, 3, 1], percent) == expected


def test_chunks_are_told_from_their_framing():
    response = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
    chunks = list(unchunked(response))
    assert [chunk for _, chunk in chunks] == [b"abc", b"0123456789", b""]
    assert response[: chunks[1][0]].endswith(b"0123456789")


def test_the_machine_is_described():
    assert "CPUs" in machine()


def test_replay_throughput_and_its_ratios(tmp_path):
    result = replay_throughput.run(rounds=1, requests=200, connections=3)
    assert len(result.measured) >= 3
    assert all(row.ours[0] >= 0 for row in result.measured)
    ratios = ratios_of([table("a; b", "", "", [MeasureRow("m", [1, 3], [2, 2])])])
    write(tmp_path / "ratios.json", ratios)
    assert read(tmp_path / "ratios.json") == ratios
    assert ratios.ratios == {"a / m": RatioEntry(1.0, 0.5, 1.5)}


@pytest.mark.parametrize(
    ("now", "more", "worse"),
    [(1.0, False, False), (1.9, False, False), (2.1, False, True), (0.1, True, False), (-0.1, True, True)],
)
def test_a_ratio_is_worse_by_more_than_its_spread(now, more, worse):
    before = {"m": RatioEntry(1.0, 0.5, 1.5, more)}
    found = worse_lines({"m": RatioEntry(now, now, now, more), "new": RatioEntry(9, 9, 9)}, before)
    assert len(found) == worse
