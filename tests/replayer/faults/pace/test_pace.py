from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.sse import Decoder
from foundation.clock import SECOND
from foundation.errors import UsageError
from replayer.faults.language.spec import parse
from replayer.faults.pace.coalesce import MOST_HELD
from replayer.faults.pace.serial_line import SerialLine
from replayer.schedule.actions import Data, Finish, Head, Idle, Raw, moved
from tests.replayer.faults.apply_faults import (
    MS,
    after_fault,
    after_live_fault,
    answer,
    body,
    context,
    stream,
    streams,
)

ALL = [
    "latency time=150ms",
    "latency time=80ms jitter=120ms",
    "latency time=80ms jitter=120ms per=event",
    "stall time=1s after-events=1",
    "stall time=1s after-bytes=7",
    "stall time=1s after-time=50ms",
    "throttle rate=40",
    "throttle rate=1kB",
    "rate events=5",
    "rate events=0.5 type=progress",
    "slice size=1",
    "slice size=5 time=30ms",
    "coalesce",
    "coalesce window=100ms",
]

NEUTRAL = [
    "latency time=0",
    "latency time=0 per=event",
    "stall time=0",
    "stall time=0 after-time=1h",
    "throttle rate=1TB",
    "rate events=999999999",
    "slice size=1MB",
    "coalesce window=0",
]


@pytest.mark.parametrize("line", NEUTRAL)
@given(schedule=streams())
def test_neutral_parameters_change_nothing(line, schedule):
    assert after_fault(line, schedule) == after_live_fault(line, schedule) == schedule


@pytest.mark.parametrize("line", ALL)
@given(schedule=streams(), seed=st.integers(0, 99))
def test_no_byte_is_lost_or_comes_before_its_time(line, schedule, seed):
    changed = after_fault(line, schedule, seed=seed)
    assert body(changed) == body(schedule)
    assert all(after >= before for before, after in zip(arrivals(schedule), arrivals(changed), strict=True))
    assert [action.at for action in changed] == sorted(action.at for action in changed)
    assert (changed[0], changed[-1].how) == (schedule[0], schedule[-1].how)


@pytest.mark.parametrize("line", ALL)
@given(schedule=streams(), seed=st.integers(0, 99))
def test_the_same_happens_again_and_to_a_live_answer(line, schedule, seed):
    changed = after_fault(line, schedule, seed=seed)
    assert changed == after_fault(line, schedule, seed=seed) == after_live_fault(line, schedule, seed=seed)


@pytest.mark.parametrize("line", [*ALL, "stall"])
@pytest.mark.parametrize(
    "schedule",
    [
        (Finish(5, "reset"),),
        (Head(5, 200, "OK", ()), Finish(5, "complete")),
        (Head(5, 200, "OK", (("Content-Type", "text/event-stream"),)), Finish(5, "close")),
    ],
)
def test_an_answer_without_a_body_stays_so(line, schedule):
    changed = after_fault(line, schedule)
    assert [type(action) for action in changed] == [type(action) for action in schedule]


def arrivals(schedule):
    """When each byte of the body comes, in microseconds."""
    return [action.at for action in schedule if isinstance(action, Data) for _ in action.data]


def pieces(schedule):
    """The pieces of the body with their milliseconds, and when and how it ends."""
    *data, end = [action for action in schedule if isinstance(action, Data | Finish)]
    return [*((action.at / MS, action.data) for action in data), (end.at / MS, end.how)]


def finished(schedule):
    """When each event is whole, in microseconds."""
    decoder = Decoder()
    events = [
        event
        for action in schedule
        if isinstance(action, Data)
        for event in decoder.feed(action.data, action.at)
    ]
    return [event.at for event in events if event.dispatched]


A, B, C = b"data: a\n\n", b"data: b\n\n", b"event: c\ndata: c\n\n"


@pytest.mark.parametrize(
    ("line", "schedule", "expected"),
    [
        ("latency time=50ms", stream(A, B), [(250, A), (350, B), (400, "complete")]),
        ("latency time=1s", stream(A, B), [(1200, A), (1300, B), (1300, "complete")]),
        ("latency time=1s per=event", stream(A + B, C), [(1200, A + B), (1300, C), (1300, "complete")]),
        ("latency time=1s", answer(b"{}"), [(1100, b"{}"), (1100, "complete")]),
        ("latency time=1s per=event", answer(b"{}"), [(100, b"{}"), (100, "complete")]),
        ("stall", stream(A, B), [(100, "hang")]),
        ("stall after-events=1", stream(A, B), [(200, A), (200, "hang")]),
        ("stall after-events=1 time=5s", stream(A, B), [(200, A), (5300, B), (5400, "complete")]),
        ("stall after-events=1 time=5s type=c", stream(A, C, B),
         [(200, A), (300, C), (5400, B), (5500, "complete")]),
        ("stall after-bytes=4 time=5s", stream(A), [(200, b"data"), (5200, b": a\n\n"), (5300, "complete")]),
        ("stall fraction=0.5 time=5s", stream(A, B), [(200, A), (5300, B), (5400, "complete")]),
        ("stall after-time=250ms time=5s", stream(A, B), [(200, A), (5300, B), (5400, "complete")]),
        ("stall after-time=250ms", stream(A, B), [(200, A), (250, "hang")]),
        ("stall after-events=9", stream(A), [(200, A), (300, "complete")]),
        ("throttle rate=100", stream(A),
         [(200, b"data:"), (250, b" a\n\n"), (300, "complete")]),
        ("throttle rate=20", stream(A[:4], A[4:]),
         [(200, b"d"), (250, b"a"), (300, b"t"), (350, b"a"),
          (400, b":"), (450, b" "), (500, b"a"), (550, b"\n"), (600, b"\n"), (650, "complete")]),
        ("throttle rate=90", stream(A, B, ending="reset"),
         [(200, A[:4]), (244.444, A[4:8]), (288.888, A[8:]),
          (300, B[:4]), (344.444, B[4:8]), (388.888, B[8:]), (400, "reset")]),
        ("throttle rate=10", answer(b"{}"), [(100, b"{"), (200, b"}"), (300, "complete")]),
        ("rate events=2", stream(A + B, C), [(200, A), (700, B), (1200, C), (1200, "complete")]),
        ("rate events=2", stream(A, b": ping\n\n", B), [(200, A), (300, b": ping\n\n"), (700, B), (700, "complete")]),
        ("rate events=2", stream(A + B[:3], B[3:]), [(200, A + B[:3]), (700, B[3:]), (700, "complete")]),
        ("rate events=2", stream(A, B + C[:3], C[3:]),
         [(200, A), (700, B + C[:3]), (1200, C[3:]), (1200, "complete")]),
        ("rate events=2 type=c", stream(A + B + C + C), [(200, A + B + C), (700, C), (700, "complete")]),
        ("rate events=100", stream(A, B, C), [(200, A), (300, B), (400, C), (500, "complete")]),
        ("rate events=1", answer(b"{}"), [(100, b"{}"), (100, "complete")]),
        ("slice size=4", stream(A), [(200, b"data"), (200, b": a\n"), (200, b"\n"), (300, "complete")]),
        ("slice size=5 time=80ms", stream(A, B),
         [(200, b"data:"), (280, b" a\n\n"), (360, b"data:"), (440, b" b\n\n"), (440, "complete")]),
        ("slice size=1 time=1ms", stream("é".encode()), [(200, b"\xc3"), (201, b"\xa9"), (300, "complete")]),
        ("slice size=1 time=1s", answer(b"{}"), [(100, b"{"), (1100, b"}"), (1100, "complete")]),
        ("coalesce", stream(A, B, C), [(500, A + B + C), (500, "complete")]),
        ("coalesce", stream(A, B, ending="reset"), [(400, A + B), (400, "reset")]),
        ("coalesce window=100ms", stream(A, B, C), [(300, A), (400, B), (500, C), (500, "complete")]),
        ("coalesce window=150ms", stream(A, B, C), [(350, A + B), (500, C), (500, "complete")]),
        ("coalesce window=1m", stream(A, B, C), [(500, A + B + C), (500, "complete")]),
        ("coalesce", answer(b"{}"), [(100, b"{}"), (100, "complete")]),
    ],
)  # fmt: skip
def test_the_pace(line, schedule, expected):
    assert pieces(after_fault(line, schedule)) == expected


@given(schedule=streams(), time=st.integers(0, 300), jitter=st.integers(0, 300), seed=st.integers(0, 99))
def test_latency_is_as_long_as_it_says_and_does_not_add_up(schedule, time, jitter, seed):
    changed = after_fault(f"latency time={time}ms jitter={jitter}ms", schedule, seed=seed)
    latest = 0
    for before, after in zip(schedule[1:-1], changed[1:-1], strict=True):
        least, most = (max(0, time + sign * jitter) * MS for sign in (-1, 1))
        assert max(latest, before.at + least) <= after.at <= max(latest, before.at + most)
        latest = after.at


@given(schedule=streams(), seed=st.integers(0, 99))
def test_the_latency_of_an_event_is_its_own_whatever_chunks_it_comes_in(schedule, seed):
    line = "latency time=300ms jitter=200ms per=event"
    whole = body(schedule)
    pieces = [piece for piece in (whole[:5], whole[5:7], whole[7:]) if piece]
    at_once = [tuple(Data(0, piece) for piece in some) for some in ([whole] if whole else [], pieces)]
    changed = [after_fault(line, (schedule[0], *data, Finish(0, "complete")), seed=seed) for data in at_once]
    assert finished(changed[0]) == finished(changed[1])


@pytest.mark.parametrize(
    ("line", "schedule", "draws"),
    [
        ("latency time=100s jitter=50s", stream(A, B, C), 3),
        ("latency time=100s jitter=50s", stream(A + B + C), 1),
        ("latency time=100s jitter=50s per=event", stream(A + B[:3], B[3:6], B[6:] + C), 3),
    ],
)
def test_jitter_is_drawn_for_each(line, schedule, draws):
    given = context(schedule, seed=7)
    expected = []
    for _ in range(draws):
        expected.append(max([*expected, 100 * SECOND + given.random.randint(-50 * SECOND, 50 * SECOND)]))
    changed = after_fault(line, tuple(moved(action, 0) for action in schedule), seed=7)
    assert list(dict.fromkeys(arrivals(changed))) == list(dict.fromkeys(expected))


@given(schedule=streams(), rate=st.integers(1, 5000))
def test_the_line_never_carries_more_than_its_rate(schedule, rate):
    changed = after_fault(f"throttle rate={rate}", schedule)
    data = [action for action in changed if isinstance(action, Data)]
    most = max(1, rate // 20)
    assert all(len(action.data) <= most for action in data)
    sent = [0]
    for action in data:
        sent.append(sent[-1] + len(action.data))
    moments = [action.at for action in data] + [changed[-1].at] * bool(data)
    for first, begin in enumerate(moments):
        for last in range(first, len(moments)):
            assert sent[last] - sent[first] <= rate * (moments[last] - begin + 1) / SECOND


@given(schedule=streams(), events=st.sampled_from([0.5, 2, 3, 7, 50]))
def test_events_come_no_faster_than_their_rate(schedule, events):
    moments = finished(after_fault(f"rate events={events}", schedule))
    assert all(after - before >= SECOND / events - 1 for before, after in itertools.pairwise(moments))


@given(st.lists(st.integers(0, 99), max_size=30), st.integers(1, 999))
def test_a_busy_line_makes_no_error_that_adds_up(amounts, rate):
    line, carried = SerialLine(rate), 0
    for amount in amounts:
        assert line.carry(amount, 0) == carried * SECOND // rate
        carried += amount
    assert line.free == carried * SECOND // rate


@given(schedule=streams(), size=st.integers(1, 20), time=st.integers(0, 50))
def test_slices_are_small_and_apart(schedule, size, time):
    changed = after_fault(f"slice size={size} time={time}ms", schedule)
    data = [action for action in changed if isinstance(action, Data)]
    assert all(len(action.data) <= size for action in data)
    assert all(after.at - before.at >= time * MS for before, after in itertools.pairwise(data))


@given(schedule=streams(), window=st.integers(1, 300))
def test_a_buffer_lets_out_once_a_window(schedule, window):
    changed = after_fault(f"coalesce window={window}ms", schedule)
    moments = [action.at for action in changed if isinstance(action, Data)]
    *whole, _ = moments or [0]
    assert all(after - before >= window * MS for before, after in itertools.pairwise(whole))
    waits = [after - before for before, after in zip(arrivals(schedule), arrivals(changed), strict=True)]
    assert max(waits, default=0) <= window * MS


@pytest.mark.parametrize("line", ["coalesce", "coalesce window=1h"])
def test_a_buffer_ends(line):
    feed = parse(line).begin(context(()))
    chunk = bytes(MOST_HELD // 4)
    given_out = [list(feed(Data(at, chunk))) for at in range(9)]
    assert [[(one.at, len(one.data)) for one in some] for some in given_out] == [
        [], [], [], [(3, MOST_HELD)], [], [], [], [(7, MOST_HELD)], [],
    ]  # fmt: skip


def test_silence_opens_the_window():
    feed = parse("coalesce window=25ms").begin(context(()))
    steps = [Data(0, b"a"), Idle(10 * MS), Data(12 * MS, b"b"), Idle(20 * MS), Idle(30 * MS), Idle(40 * MS)]
    assert [list(feed(step)) for step in steps] == [
        [],
        [Idle(10 * MS)],
        [],
        [Idle(20 * MS)],
        [Data(25 * MS, b"ab"), Idle(30 * MS)],
        [Idle(40 * MS)],
    ]


def test_bytes_outside_of_the_framing_overtake_nothing():
    schedule = stream(A)[0], Data(5, A), Raw(6, b"junk"), Finish(7, "close")
    assert after_fault("coalesce", schedule)[1:] == (
        Data(100 * MS, A),
        Raw(100 * MS, b"junk"),
        Finish(100 * MS, "close"),
    )


@pytest.mark.parametrize(
    "line",
    ["latency", "latency jitter=1s", "latency time=1s per=byte", "throttle", "throttle rate=0", "rate",
     "rate events=0", "slice", "slice size=0", "stall after-events=1 after-time=1s"],
)  # fmt: skip
def test_what_cannot_be(line):
    with pytest.raises(UsageError, match=f"^fault {line.split()[0]}"):
        parse(line)
