from __future__ import annotations

import gc
import weakref

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replayer.http1.encoder import Frame, Script
from replayer.listener.player import FAIR_SHARE, LONGEST_WRITE, Player


class MemoryWire:
    """Keeps what was written, and when. It takes `room` bytes before it makes the player wait."""

    def __init__(self, timers, room=10**12):
        self.timers, self.room = timers, room
        self.writes, self.waiting = [], None

    def write(self, data):
        self.writes.append((self.timers.now() - self.start, data))
        self.room -= len(data)
        return self.room >= 0

    def when_drained(self, call):
        assert self.waiting is None
        self.waiting = call

    def drain(self, room):
        self.room = room
        call, self.waiting = self.waiting, None
        call()


@pytest.fixture
def play(timers):
    """Plays a script from now on; the wire, the player, and what the player was done with."""

    def begin(frames, ends=None, after="keep", room=10**12):
        frames = tuple(Frame(at, data) for at, data in frames)
        wire, done = MemoryWire(timers, room), []
        wire.start = timers.now()
        script = Script(frames, frames[-1].at if ends is None else ends, after)
        player = Player(
            script, wire, timers, wire.start, lambda how: done.append((timers.now() - wire.start, how))
        )
        player.play()
        return wire, player, done

    return begin


def test_each_frame_goes_out_at_its_time(play, timers):
    wire, _, done = play([(0, b"a"), (10, b"b"), (5_000_000, b"c")], ends=5_000_003)
    assert wire.writes == [(0, b"a")]
    timers.advance(6_000_000)
    assert wire.writes == [(0, b"a"), (10, b"b"), (5_000_000, b"c")]
    assert done == [(5_000_003, "keep")]


def test_what_is_due_at_once_goes_out_in_one_write_and_ends_at_once(play):
    wire, _, done = play([(0, b"a"), (0, b"b"), (0, b"c")])
    assert wire.writes == [(0, b"abc")]
    assert done == [(0, "keep")]


def test_a_joined_write_is_bounded(play):
    frames = [(0, bytes([n]) * 1000) for n in range(256)]
    wire, _, _ = play(frames)
    assert max(len(data) for _, data in wire.writes) < LONGEST_WRITE + 1000
    assert len(wire.writes) == 4
    assert b"".join(data for _, data in wire.writes) == b"".join(data for _, data in frames)


def test_a_late_start_goes_on_at_the_frames_own_times(timers, play):
    wire, _, _ = play([(0, b"a"), (100, b"b"), (200, b"c"), (300, b"d")])
    timers.clock.time += 250  # the machine was busy
    timers.advance(0)
    timers.advance(1000)
    assert wire.writes == [(0, b"a"), (250, b"bc"), (300, b"d")]


def test_a_slow_reader_stops_it_and_catches_up(play, timers):
    wire, _, done = play([(n * 10, b"x" * 10) for n in range(10)], room=25)
    timers.advance(45)
    assert [when for when, _ in wire.writes] == [0, 10, 20]
    timers.advance(100_000)
    assert len(wire.writes) == 3  # nothing is kept for it but the script
    wire.drain(1000)
    assert wire.writes[3:] == [(100_045, b"x" * 70)]
    assert done == [(100_045, "keep")]


def test_times_stay_absolute_after_a_slow_reader(play, timers):
    wire, _, _ = play([(0, b"a"), (100, b"b"), (200, b"c")], room=0)
    timers.advance(150)
    wire.drain(100)
    timers.advance(1000)
    assert wire.writes == [(0, b"a"), (150, b"b"), (200, b"c")]


def test_the_end_waits_until_all_is_sent(play, timers):
    wire, _, done = play([(0, b"a")], after="reset", room=0)
    timers.advance(1000)
    assert done == []
    wire.drain(1)
    assert done == [(1000, "reset")]


@pytest.mark.parametrize("after", ["keep", "close", "reset"])
def test_the_end_has_its_own_time(play, timers, after):
    _, _, done = play([(0, b"a")], ends=77, after=after)
    timers.advance(76)
    assert done == []
    timers.advance(1)
    assert done == [(77, after)]


def test_an_end_without_an_answer(timers):
    done = []
    Player(Script((), 5, "close"), MemoryWire(timers), timers, timers.now(), done.append).play()
    timers.advance(5)
    assert done == ["close"]


def test_a_hanging_stream_holds_no_timer(play, timers):
    wire, _, done = play([(0, b"a"), (5, b"b")], after="hang")
    timers.advance(5)
    assert wire.writes == [(0, b"a"), (5, b"b")]
    assert timers.pending == 0
    timers.advance(10**12)
    assert done == []


def test_cancelled_it_does_nothing_more_and_is_free(play, timers):
    wire, player, done = play([(0, b"a"), (10, b"b")])
    player.cancel()
    gone = weakref.ref(wire)
    writes = wire.writes
    del wire, player
    gc.collect()
    assert gone() is None
    timers.advance(1000)
    assert (writes, done) == ([(0, b"a")], [])


def test_cancelled_while_a_slow_reader_stops_it(play):
    wire, player, done = play([(0, b"a"), (0, b"b" * LONGEST_WRITE), (0, b"c")], room=0)
    player.cancel()
    wire.drain(100)
    assert len(wire.writes) == 1
    assert done == []


def test_a_fast_reader_leaves_the_others_their_turn(play, timers):
    wire, _, done = play([(0, b"x" * 65536)] * 40)
    assert sum(len(data) for _, data in wire.writes) == FAIR_SHARE
    assert done == []
    timers.advance(0)
    assert len(wire.writes) == 40
    assert done == [(0, "keep")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 50), st.binary(min_size=1, max_size=9)), min_size=1, max_size=30),
    rooms=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 60)), max_size=10),
)
def test_whatever_the_reader_does_it_gets_every_byte_in_order_and_never_early(play, timers, steps, rooms):
    at, frames = 0, []
    for gap, data in steps:
        at += gap
        frames.append((at, data))
    wire, _, done = play(frames, room=20)
    for wait, room in rooms:
        timers.advance(wait)
        if wire.waiting:
            wire.drain(room)
    timers.advance(at)
    while wire.waiting:
        wire.drain(10**9)
    timers.advance(at)
    assert b"".join(data for _, data in wire.writes) == b"".join(data for _, data in frames)
    assert len(done) == 1
    sent = 0
    for when, data in wire.writes:
        sent += len(data)
        assert sent <= sum(len(data) for due, data in frames if due <= when)
