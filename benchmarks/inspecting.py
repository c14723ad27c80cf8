"""How long the inspector takes to show a large cassette, and how much memory, beside Python's own `json`.

Times are from the start of the process: until the first page of rows is answered, until everything is summed up (the
table sorts and filters all of it, and knows sessions and jobs), and until a browser that is running already shows the
first row. For `json` they are until every line of the same file is a dictionary. The memory is that of the server with
its helper once all is summed up, and that of the page's own objects.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from benchmarks.generated import exchange, write_cassette
from benchmarks.loading import MIB, answer, read_json
from benchmarks.measured_process import Process, chatreel
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns
from foundation.clock import SECOND, SYSTEM
from tools.chromium import CHROMIUM, QUIET

EXCHANGES = 100_000
PAUSE = 0.02
"""Seconds between two looks at whether all is summed up."""

FIRST_ROW = "[role=grid] [role=row][aria-rowindex='2'] .col-target"

type Look = Callable[[str], tuple[float, float]]
"""Opens a url in the browser; returns the clock's seconds when the first row was there, and the page's MiB."""


class Cost(NamedTuple):
    """Seconds to each point, and memory in MiB; `in_browser` is None where there is no browser."""

    first_rows: float
    summed: float
    memory: float
    in_browser: tuple[float, float] | None


def run(rounds: int = ROUNDS, size: int = EXCHANGES) -> Table:
    """Measure the inspector and `json` in turns."""
    with tempfile.TemporaryDirectory() as folder, browser() as look:
        path = Path(folder, "many.jsonl")
        write_cassette(path, (exchange(number, [(5, answer(number))], 6) for number in range(size)))
        ours, theirs = in_turns(rounds, partial(inspect, path, size, look), partial(load, path))
        return table(
            f"Inspecting {size:,} exchanges", "chatreel inspect", "json", list(rows_of(ours, theirs))
        )


def inspect(path: Path, size: int, look: Look | None) -> Cost:
    """The cost of inspecting; the browser gets a new server, so that nothing is cached."""
    began = SYSTEM.now()
    with chatreel("inspect", str(path)) as server:
        assert len(get(server, "exchanges?limit=50")["rows"]) == min(50, size)
        first_rows = since(began)
        while not get(server, "exchanges?limit=1")["summed"]:
            SYSTEM.sleep(PAUSE)
        summed, memory = since(began), server.family_memory() / MIB
    return Cost(first_rows, summed, memory, None if look is None else in_browser(path, look))


def in_browser(path: Path, look: Look) -> tuple[float, float]:
    """Seconds until the first row is on the page, and the page's memory in MiB."""
    began = SYSTEM.now()
    with chatreel("inspect", str(path)) as server:
        seen, memory = look("http://{}:{}/inspect/".format(*server.address))
        return seen - began / SECOND, memory


def load(path: Path) -> Cost:
    """The cost of reading the same file with `json`."""
    seconds, memory = read_json(path)
    return Cost(seconds, seconds, memory, None)


def since(began: int) -> float:
    """Seconds since a time of the clock."""
    return (SYSTEM.now() - began) / SECOND


def get(server: Process, path: str) -> Any:
    """The JSON of a GET request to the inspector's API."""
    url = "http://{}:{}/inspect/api/".format(*server.address) + path
    with urllib.request.urlopen(url) as response:  # noqa: S310 - our own server
        return json.load(response)


@contextlib.contextmanager
def browser() -> Iterator[Look | None]:
    """A function that opens a url in a headless Chromium; None where Chromium or Playwright is missing."""
    chromium = CHROMIUM
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only who develops has it
    except ImportError:
        chromium = None
    if chromium is None:
        yield None
        return
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=QUIET)

        def open_page(url: str) -> tuple[float, float]:
            with contextlib.closing(running.new_context()) as context:
                page = context.new_page()
                page.goto(url)
                page.locator(FIRST_ROW).wait_for()
                seen = SYSTEM.now() / SECOND
                session = context.new_cdp_session(page)
                session.send("Performance.enable")
                metrics = session.send("Performance.getMetrics")["metrics"]
                [heap] = [one["value"] for one in metrics if one["name"] == "JSHeapUsedSize"]
                return seen, heap / MIB

        yield open_page
        running.close()


def rows_of(ours: Sequence[Cost], theirs: Sequence[Cost]) -> Iterator[MeasureRow]:
    """The rows of time and memory."""
    seconds, memory = [one.summed for one in theirs], [one.memory for one in theirs]
    yield MeasureRow("first rows (s)", [one.first_rows for one in ours], seconds)
    yield MeasureRow("all summed up (s)", [one.summed for one in ours], seconds)
    yield MeasureRow("server and helper (MiB)", [one.memory for one in ours], memory)
    looks = [one.in_browser for one in ours if one.in_browser is not None]
    if looks:
        yield MeasureRow("first row in the browser (s)", [time for time, _ in looks], seconds)
        yield MeasureRow("page (MiB)", [heap for _, heap in looks], memory)


if __name__ == "__main__":
    show([run()])
