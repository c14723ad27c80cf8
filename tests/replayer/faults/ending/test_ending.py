from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.sse import Decoder
from foundation.errors import UsageError
from replayer.faults.language.spec import parse
from replayer.http1.encoder import Client, script
from replayer.schedule.actions import Data, Finish, Head, Raw, moved
from tests.replayer.faults.apply_faults import (
    MS,
    after_fault,
    after_live_fault,
    answer,
    body,
    request,
    stream,
    streams,
    times,
)

SILENT = (Finish(40 * MS, "close"),)
ONE, TWO = b"data: 1\n\n", b"data: 2\n\n"

ALL = [
    "truncate after-events=1",
    "reset after-bytes=10",
    "hang after-time=200ms",
    "slow-close time=1s",
    "slow-close time=1s after-events=1",
    "bad-chunk after-events=1",
    "garbage size=10 after-bytes=5",
    "split-utf8",
    "no-last-blank-line",
]

NEUTRAL = [
    "truncate after-events=99",
    "reset after-bytes=99kB",
    "hang after-time=1h",
    "slow-close time=0",
    "slow-close time=1s after-bytes=99kB",
    "bad-chunk after-events=99",
    "garbage size=10 after-time=1h",
]


def without_times(schedule):
    return [moved(action, 0) for action in schedule]


def pieces(schedule):
    return [step.data for step in schedule if isinstance(step, Data)]


@pytest.mark.parametrize("line", NEUTRAL)
@given(schedule=streams())
def test_neutral_parameters_change_nothing(line, schedule):
    assert after_fault(line, schedule) == after_live_fault(line, schedule) == schedule


@pytest.mark.parametrize("line", ALL)
@given(schedule=streams(), seed=st.integers(0, 99))
def test_live_it_is_the_same(line, schedule, seed):
    assert without_times(after_live_fault(line, schedule, seed=seed)) == without_times(
        after_fault(line, schedule, seed=seed)
    )


@pytest.mark.parametrize("line", [line for line in ALL if "time=200ms" not in line])
def test_a_connection_that_ends_without_an_answer_stays_so(line):
    assert without_times(after_fault(line, SILENT)) == without_times(SILENT)


@pytest.mark.parametrize(
    ("line", "how"),
    [("truncate", "close"), ("reset", "reset"), ("hang", "hang")],
)
@pytest.mark.parametrize(
    ("position", "left", "at"),
    [
        ("", [], 100),
        ("after-events=1", [ONE], 200),
        ("after-bytes=11", [ONE, b"da"], 300),
        ("fraction=0.5", [ONE], 200),
        ("after-time=250ms", [ONE], 250),
    ],
)
def test_the_answer_ends_at_a_position(line, how, position, left, at):
    changed = after_fault(f"{line} {position}", stream(ONE, TWO))
    assert changed[0] == stream()[0]
    assert pieces(changed) == left
    assert changed[-1] == Finish(at * MS, how)


@pytest.mark.parametrize("line", ["truncate", "reset", "hang", "bad-chunk", "garbage size=1"])
def test_before_the_head_there_is_no_answer(line):
    changed = after_fault(f"{line} after-time=50ms", stream(ONE))
    assert not any(isinstance(step, Head) for step in changed)
    assert changed[-1].at == 50 * MS
    assert script(changed).frames == ()


def test_slow_close_ends_a_chunked_body_late():
    changed = after_fault("slow-close time=2s", stream(ONE))
    assert changed == (*stream(ONE)[:-1], Finish(2300 * MS, "complete"))
    assert [frame.at for frame in script(changed).frames] == [100 * MS, 200 * MS, 2300 * MS]


@pytest.mark.parametrize(
    ("schedule", "asked"),
    [
        (answer(b"{}"), request()),
        ((Head(100 * MS, 200, "OK", ()), Data(100 * MS, b"{}"), Finish(100 * MS, "complete")), request()),
        (stream(), request(method="HEAD")),
        (stream(ONE), msgspec.structs.replace(request(), http="1.0")),
    ],
    ids=["a length", "until the end", "HEAD", "HTTP/1.0"],
)
def test_slow_close_closes_late_where_no_chunk_ends_the_body(schedule, asked):
    changed = after_fault("slow-close time=2s", schedule, request=asked)
    assert changed == (*schedule[:-1], Finish(schedule[-1].at + 2000 * MS, "close"))
    client = Client("1.0" if asked.http == "1.0" else "1.1")
    assert script(changed, asked.method, client).after == "close"
    assert script(changed, asked.method, client).ends == schedule[-1].at + 2000 * MS


@pytest.mark.parametrize("how", ["close", "reset", "hang"])
def test_slow_close_does_not_make_whole_what_is_not(how):
    assert after_fault("slow-close time=1s", stream(ONE, ending=how))[-1] == Finish(1300 * MS, how)


def test_slow_close_at_a_position():
    changed = after_fault("slow-close time=2s after-events=1", stream(ONE, TWO))
    assert changed == (*stream(ONE)[:-1], Finish(2200 * MS, "close"))


def test_bad_chunk_breaks_the_framing():
    changed = after_fault("bad-chunk after-bytes=3", stream(ONE))
    assert changed[1:] == (Data(200 * MS, b"dat"), Raw(200 * MS, b"no size\r\n"), Finish(200 * MS, "close"))
    assert script(changed).frames[-1].data == b"no size\r\n"


@pytest.mark.parametrize(
    ("schedule", "asked"),
    [
        (answer(b"{}"), request()),
        (stream(), request(method="HEAD")),
        (stream(ONE), msgspec.structs.replace(request(), http="1.0")),
    ],
)
def test_bad_chunk_without_chunks_only_breaks_off(schedule, asked):
    assert after_fault("bad-chunk", schedule, request=asked) == after_fault("truncate", schedule)


def test_garbage_comes_instead_of_the_rest():
    first, again, other = (
        after_fault("garbage size=1kB after-events=1", stream(ONE, TWO), seed=n) for n in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert times(first) == [100, 200, 200, 200]
    assert pieces(first)[0] == ONE
    assert len(pieces(first)[1]) == 1000
    assert first[-1] == Finish(200 * MS, "close")


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (["aé"], [b"a\xc3", b"\xa9"]),
        (["é語😀"], [b"\xc3", b"\xa9\xe8", b"\xaa\x9e\xf0", b"\x9f\x98\x80"]),
        (["a", "b"], [b"a", b"b"]),
        ([b"\xc3", b"\xa9"], [b"\xc3", b"\xa9"]),
        ([b"\xff\xe8\xaa", b"\x9ea"], [b"\xff\xe8\xaa", b"\x9ea"]),
    ],
)
def test_characters_are_cut_in_two(whole, parts):
    data = [piece.encode() if isinstance(piece, str) else piece for piece in whole]
    assert pieces(after_fault("split-utf8", stream(*data))) == parts


@given(st.lists(st.text(min_size=1), max_size=4))
def test_no_character_is_left_whole_and_no_byte_is_lost(texts):
    schedule = stream(*(text.encode() for text in texts))
    changed = after_fault("split-utf8", schedule)
    assert body(changed) == body(schedule)
    assert set(times(changed)) == set(times(schedule))
    assert all(piece.decode("utf-8", "ignore").isascii() for piece in pieces(changed))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([ONE, TWO], [ONE, b"data: 2\n"]),
        ([ONE + TWO], [ONE + b"data: 2\n"]),
        ([b"data: 1\r\n\r\n"], [b"data: 1\r\n"]),
        ([b"data: 1\r\r"], [b"data: 1\r"]),
        ([b"data: 1\r", b"\n\r", b"\n"], [b"data: 1\r", b"\n"]),
        ([b"data: 1", b"\n", b"\n"], [b"data: 1", b"\n"]),
        ([ONE, b"\n\n", b"\n"], [b"data: 1\n"]),
        ([ONE, b"\n", TWO, b"\n"], [ONE, b"\n", b"data: 2\n"]),
        ([ONE, b"data: cut\n"], [ONE, b"data: cut\n"]),
        ([ONE, b"data: cut"], [ONE, b"data: cut"]),
        ([], []),
    ],
)
def test_the_last_blank_line_is_left_out(before, after):
    schedule = stream(*before)
    changed = after_fault("no-last-blank-line", schedule)
    assert pieces(changed) == after
    assert set(times(changed)) <= set(times(schedule))
    assert changed[-1] == schedule[-1]


@given(streams())
def test_the_last_event_is_never_dispatched_and_the_others_are(schedule):
    before = Decoder().feed(body(schedule))
    whole = body(schedule).endswith((b"\n\n", b"\r\n\r\n", b"\r\r"))
    after = Decoder().feed(body(after_fault("no-last-blank-line", schedule)))
    assert after == (before[:-1] if whole else before)


def test_the_last_blank_line_of_what_is_no_stream_stays():
    schedule = stream(ONE, media_type="text/html")
    assert after_fault("no-last-blank-line", schedule) == schedule


def test_a_stream_of_blank_lines_takes_no_memory():
    lines = [b"\n"] * 5000
    changed = pieces(after_fault("no-last-blank-line", stream(ONE, *lines)))
    assert changed[:4000] == [ONE, *lines[:3999]]


def test_it_waits_before_what_is_no_body():
    schedule = (*stream(ONE)[:-1], Raw(300 * MS, b"x"), Finish(300 * MS, "close"))
    assert after_fault("no-last-blank-line", schedule) == schedule


@pytest.mark.parametrize(
    "line",
    ["slow-close", "garbage", "garbage size=0", "garbage size=17MiB", "truncate after-events=1 fraction=0.5",
     "garbage size=1 after-events=1 fraction=0.5", "split-utf8 after-events=1", "hang time=1s"],
)  # fmt: skip
def test_what_cannot_be(line):
    with pytest.raises(UsageError):
        parse(line)
