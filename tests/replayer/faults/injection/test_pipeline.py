"""What faults do that are not made with care: a user's own, mostly."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import pytest

from foundation.errors import CassetteError, UsageError
from foundation.http.headers import first
from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import FaultPipeline, apply
from replayer.faults.pace.slice import Slice
from replayer.schedule.actions import Data, Finish, Head, Idle
from tests.replayer.faults.apply_faults import after_fault, answer, context, stream

MANY = 4 << 20


@dataclass(frozen=True, kw_only=True)
class Own(Fault):
    """A fault with a transform of the test's own."""

    called = "own"
    example = "own"
    made: ClassVar[Callable[[], Transform]]

    def begin(self, context: FaultContext) -> Transform:
        return self.made()


def own(feed: Transform | Exception) -> Hit:
    """A hit of a fault with this feed, or which raises that when it begins."""

    def made(_self: Own) -> Transform:
        if isinstance(feed, Exception):
            raise feed
        return feed

    return Hit(type("Own", (Own,), {"made": made})(), context(stream()))


def raises(_step: Step) -> list[Step]:
    raise KeyError("boom")


FAILING = [
    (KeyError("boom"), r"fault 'own' fails: .*test_pipeline\.py, line \d+: KeyError: 'boom'"),
    (raises, r"fault 'own' fails: .*test_pipeline\.py, line \d+: KeyError: 'boom'"),
    (lambda _step: None, r"fault 'own' fails: .*: TypeError: 'NoneType' object is not iterable"),
    (lambda step: (step,) if isinstance(step, Head) else (), "fault 'own': it gives no Finish, though it was fed one"),
]  # fmt: skip


@pytest.mark.parametrize(("feed", "expected"), FAILING)
def test_a_fault_that_fails_is_named_with_its_line(feed, expected):
    with pytest.raises(UsageError, match=rf"\A{expected}\Z"):
        apply(stream(b"data: a\n\n"), [own(feed)])


@pytest.mark.parametrize(("feed", "expected"), FAILING)
def test_one_that_fails_live_is_named_alike_and_not_those_behind_it(feed, expected):
    with pytest.raises(UsageError, match=rf"\A{expected}\Z"):
        course = FaultPipeline([own(feed), own(lambda step: (step,))])
        [*map(list, map(course.feed, stream(b"data: a\n\n")))]


def test_a_cassette_that_cannot_be_read_is_no_fault_of_the_fault():
    with pytest.raises(CassetteError, match=r"\Achanged\Z"):
        apply(stream(), [own(CassetteError("changed"))])


def test_data_of_no_bytes_is_left_out():
    def emptied(step: Step) -> list[Step]:
        return [Data(step.at, b"")] if isinstance(step, Data) else [step]

    head, end = stream(b"data: a\n\n", b"data: b\n\n")[0], stream(b"", b"")[-1]
    assert apply(stream(b"data: a\n\n", b"data: b\n\n"), [own(emptied)])[0] == (head, end)


def test_a_live_step_in_very_many_pieces_is_made_while_it_is_taken():
    asked = []

    def cut(step: Step) -> Transform:
        for place in range(MANY if isinstance(step, Data) else 0):
            asked.append(place)
            yield Data(step.at, b"x" * 9)

    course = FaultPipeline([own(cut), Hit(Slice(size=3), context(stream()))])
    pieces = course.feed(answer(b"{}")[1])
    assert [next(pieces).data for _ in range(4)] == [b"xxx"] * 4
    assert asked == [0, 1]


@pytest.mark.parametrize(
    ("feed", "changes"),
    [
        (lambda step: (step,), False),
        (lambda _step: (), True),
        (lambda step: (step, step), True),
        (lambda step: (Idle(step.at), step), True),
    ],
)
def test_a_live_fault_is_told_once_it_changed_something(feed, changes):
    course = FaultPipeline([own(feed)])
    for step in stream(b"data: a\n\n")[:2]:
        [*course.feed(step)]
    assert course.lines == ["own"] * changes


def test_the_line_of_an_answer_that_ends_early_is_told_before_its_end():
    course = FaultPipeline([own(lambda _step: (stream()[-1],))])
    assert next(course.feed(stream()[0])) == stream()[-1]
    assert course.lines == ["own"]


def test_the_place_is_in_the_fault_and_not_in_what_it_calls():
    with pytest.raises(UsageError, match=re.escape("test_pipeline.py, line ")):
        apply(stream(), [own(lambda _step: re.compile("("))])


@pytest.mark.parametrize(
    ("line", "announced"),
    [
        ("truncate after-bytes=4", "10"),
        ("reset after-bytes=4", "10"),
        ("hang after-bytes=4", "10"),
        ("garbage size=1 after-bytes=4", "10"),
        ("slow-close time=1s after-bytes=4", "10"),
        ("lose-field pointer=/a", "2"),
    ],
)
def test_a_length_is_corrected_only_where_the_body_is_whole(line, announced):
    head, *_ = after_fault(line, answer(b'{"a": 123}'))
    assert first(head.headers, "content-length") == announced


def test_what_would_take_too_much_memory_as_a_whole_is_refused():
    schedule = (Head(0, 200, "OK", ()), Data(0, b"x" * 300_000), Finish(0, "complete"))
    with pytest.raises(
        UsageError, match=r"'slice size=1': it cuts an answer into over 200000 pieces more: give"
    ):
        apply(schedule, [Hit(Slice(size=1), context(schedule))])
