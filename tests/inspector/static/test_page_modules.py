"""The page's modules: each one loads, none may take text for markup, and those that only compute do so."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from inspector.handlers.page import STATIC

MODULES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js"))
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|javascript:"
)


@pytest.fixture(scope="module")
def origin(inspected_by_all) -> str:
    return inspected_by_all("health")


@pytest.fixture
def loaded(quiet_page, origin) -> Page:
    quiet_page.goto(origin)
    return quiet_page


def called(page: Page, module: str, function: str, cases: list[Any]) -> list[Any]:
    """What a function gives for each case."""
    script = f"async (cases) => {{ const m = await import('/inspect/static/{module}'); return cases.map({function}); }}"
    return page.evaluate(script, cases)


def test_each_module_loads(loaded) -> None:
    for module in MODULES:
        assert loaded.evaluate("(path) => import(path).then(() => true)", f"/inspect/static/{module}"), module


@pytest.mark.parametrize("module", MODULES)
def test_no_module_takes_text_for_markup_or_a_program(module) -> None:
    assert FORBIDDEN.findall((STATIC / module).read_text(encoding="utf-8")) == []


def test_what_would_run_text_is_refused(loaded) -> None:
    hostile = [
        {"onclick": "alert(1)"}, {"href": "javascript:alert(1)"}, {"HREF": " javascript:alert(1)"}, {"srcdoc": "<b>"},
        {"href": "http://example.org/"}, {"src": "data:text/html,x"}, {"xlink:href": "javascript:alert(1)"},
    ]  # fmt: skip
    attempt = "(attributes) => { try { m.h('a', attributes); return 'made'; } catch (e) { return e.name; } }"
    assert called(loaded, "core/dom.js", attempt, hostile) == ["TypeError"] * len(hostile)
    image = "(type) => { try { m.picture(type, 'AAAA', 'x'); return 'made'; } catch (e) { return e.name; } }"
    types = ["image/png", "image/svg+xml", "text/html", "image/png,<svg", ""]
    assert called(loaded, "core/dom.js", image, types) == ["made", *["TypeError"] * 4]
    assert called(loaded, "core/dom.js", "(text) => m.h('p', {}, text).childElementCount", ["<b>x</b>"]) == [
        0
    ]
    links = [
        "https://example.org/a",
        "javascript:alert(1)",
        "http://example.org",
        "https://a b",
        "HTTPS://example.org",
    ]
    shown = called(loaded, "core/dom.js", "(url) => m.link(url).nodeName", links)
    assert shown == ["A", "#text", "#text", "#text", "A"]


DURATIONS = {
    0: "0 µs", 999: "999 µs", 3400: "3.4 ms", 499_300: "499 ms", 999_499: "999 ms", 1_204_000: "1.20 s",
    54_300_000: "54.3 s", 123_000_000: "2 m 03 s", 3_900_000_000: "1 h 05 m",
}  # fmt: skip
SIZES = {0: "0 B", 999: "999 B", 1400: "1.4 kB", 12_345: "12 kB", 999_600: "1.0 MB", 3_200_000_000: "3.2 GB"}
COUNTS = {7: "7", 1234: "1\u202f234", 100_000: "100\u202f000"}


def test_times_sizes_and_counts_are_written_as_people_read_them(loaded) -> None:
    for function, table in (("duration", DURATIONS), ("size", SIZES), ("count", COUNTS)):
        assert called(loaded, "core/format.js", f"(one) => m.{function}(one)", list(table)) == list(
            table.values()
        )


BYTES = {
    "plain\n": "plain\\n\n",
    "a\r\n\tb\0": "a\\r\\n\n\\tb\\x00",
    "é€😀": "é€😀",
    "\u202ereversed\ufeff": "\\u202ereversed\\ufeff",
}
BROKEN = {"ff41": "\\xffA", "c3a9c3": "é\\xc3", "f09f98": "\\xf0\\x9f\\x98", "e282ac80": "€\\x80"}


def test_bytes_are_written_so_that_each_can_be_seen(loaded) -> None:
    texts = called(
        loaded, "components/hex_dump.js", "(text) => m.escaped(new TextEncoder().encode(text))", list(BYTES)
    )
    assert texts == list(BYTES.values())
    broken = called(
        loaded,
        "components/hex_dump.js",
        "(bytes) => m.escaped(new Uint8Array(bytes))",
        [list(bytes.fromhex(one)) for one in BROKEN],
    )
    assert broken == list(BROKEN.values())
    lines = called(
        loaded,
        "components/hex_dump.js",
        "(text) => m.dump(new TextEncoder().encode(text))",
        ["0123456789abcdef\n"],
    )
    assert lines[0].splitlines() == [
        "000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        f"000010  0a{' ' * 45}  ·",
    ]


def moment(at: float, name: str = "progress", what: str = "event") -> dict[str, Any]:
    return {"at": at * 1e6, "name": name, "what": what, "data": "{}", "dispatched": True}


STALLS: list[tuple[list[dict[str, Any]], list[str]]] = [
    ([], []),
    ([moment(at) for at in (0.5, 1, 1.5, 2)], []),
    ([moment(at) for at in (0.5, 1, 1.5, 4, 4.5)], ["silence 1.5-4"]),
    ([moment(at) for at in (0.1, 0.2, 0.9, 1.1)], []),  # under a second is none
    ([moment(at) for at in (10, 20, 30)], ["silence 0-10", "silence 10-20", "silence 20-30"]),
    ([moment(0.1), *(moment(at, "heartbeat") for at in (1.1, 2.1, 3.1)), moment(3.5)], ["quiet 0.1-3.5"]),
    (
        [moment(0.1), *(moment(at, "heartbeat") for at in (1.1, 2.1, 3.1, 9.1)), moment(9.5)],
        ["quiet 0.1-9.5", "silence 3.1-9.1"],
    ),
]


def test_a_stall_is_far_more_than_usual_or_long(loaded) -> None:
    described = "(moments) => m.stalls(moments).map((one) => `${one.kind} ${one.from / 1e6}-${one.to / 1e6}`)"
    given = [moments for moments, _ in STALLS]
    assert called(loaded, "views/stream/stalls.js", described, given) == [found for _, found in STALLS]


def test_an_axis_has_round_ticks_apart(loaded) -> None:
    ticks = """([from, to]) => {
        const all = new m.Scale(from, to, 0, 900).ticks();
        return all.map((at) => m.tickText(at, all[1] - all[0]));
    }"""
    windows = [[0, 2_000_000], [0, 50_000_000], [1_000_000, 1_004_000], [0, 1_200_000_000]]
    assert called(loaded, "components/time_scale.js", ticks, windows) == [
        ["0", "200 ms", "400 ms", "600 ms", "800 ms", "1.0 s", "1.2 s", "1.4 s", "1.6 s", "1.8 s", "2.0 s"],
        ["0", "5 s", "10 s", "15 s", "20 s", "25 s", "30 s", "35 s", "40 s", "45 s", "50 s"],
        ["1.0000 s", "1.0005 s", "1.0010 s", "1.0015 s", "1.0020 s", "1.0025 s", "1.0030 s", "1.0035 s", "1.0040 s"],
        ["0", "2 m", "4 m", "6 m", "8 m", "10 m", "12 m", "14 m", "16 m", "18 m", "20 m"],
    ]  # fmt: skip


def row(
    began_at: float | None, duration: float, first: float | None = None, began: float = 0
) -> dict[str, Any]:
    return {"began": began, "began_at": began_at, "duration": duration, "first_event": first}


WATERFALLS: list[tuple[list[dict[str, Any]], list[list[float]]]] = [
    ([row(5, 0)], [[0, 0, 0]]),
    ([row(100, 100, 50), row(150, 50)], [[0, 0.5, 0.5], [0.5, 0.5, 0]]),
    ([row(0, 50), row(7e11, 46)], [[0, 0.5, 0], [0.54, 0.46, 0]]),  # of days, some pixels are left
    ([row(7e11, 46), row(0, 50)], [[0.54, 0.46, 0], [0, 0.5, 0]]),
    ([row(0, 49), row(51, 49)], [[0, 0.49, 0], [0.51, 0.49, 0]]),  # a short idle time is to scale
    ([row(None, 50, began=0), row(1.7e15, 46)], [[0, 0.5, 0], [0.54, 0.46, 0]]),
]  # fmt: skip


def test_a_waterfall_is_to_scale_but_for_long_idle_times(loaded) -> None:
    placed = "(rows) => rows.map(m.waterfall(rows)).map(({ left, wait, flow }) => [left, wait, flow])"
    found = called(loaded, "views/exchanges/waterfall.js", placed, [rows for rows, _ in WATERFALLS])
    for bars, (_, expected) in zip(found, WATERFALLS, strict=True):
        for bar, shares in zip(bars, expected, strict=True):
            assert bar == pytest.approx(shares, abs=0.01)
