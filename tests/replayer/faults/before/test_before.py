from __future__ import annotations

import math
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import UsageError
from replayer.faults.language.spec import parse
from replayer.http1.encoder import script
from replayer.schedule.actions import Data, Finish, Head, moved
from tests.replayer.faults.apply_faults import (
    MS,
    after_fault,
    after_live_fault,
    answer,
    request,
    stream,
    streams,
    times,
)

SILENT = (Finish(40 * MS, "close"),)
"""A server that closed the connection without an answer."""

ALL = [
    "delay time=1s",
    "delay uniform=0s..1s",
    "delay lognormal=100ms,2",
    "refuse",
    "empty",
    "status code=503 body='[1]'",
    "header set=A:b drop=Content-Type",
    "content-type value=text/html",
]

NEUTRAL = [
    "delay time=0",
    "delay uniform=0..0",
    "delay lognormal=0,1",
    "delay time=5s max=0",
    "header drop=X-Absent",
    "header set='Content-Type: text/event-stream'",
    "content-type value=text/event-stream",
]


@pytest.mark.parametrize("line", NEUTRAL)
@given(schedule=streams())
def test_neutral_parameters_change_nothing(line, schedule):
    assert after_fault(line, schedule) == after_live_fault(line, schedule) == schedule


@pytest.mark.parametrize("line", ALL)
@given(schedule=streams(), seed=st.integers(0, 99))
def test_the_same_happens_again_and_live_and_time_never_runs_back(line, schedule, seed):
    changed = after_fault(line, schedule, seed=seed)
    assert changed == after_fault(line, schedule, seed=seed)
    assert without_times(changed) == without_times(after_live_fault(line, schedule, seed=seed))
    assert times(changed) == sorted(times(changed))
    assert isinstance(changed[-1], Finish)


@pytest.mark.parametrize("line", ["delay time=0", "header drop=A", "content-type value=a/b"])
def test_a_connection_that_ends_without_an_answer_stays_so(line):
    assert after_fault(line, SILENT) == SILENT


@pytest.mark.parametrize(
    ("line", "by"),
    [
        ("delay time=2s", 2000 * MS),
        ("delay time=2s max=1500ms", 1500 * MS),
        ("delay uniform=3s..3s", 3000 * MS),
        ("delay uniform=1s..3s max=1s", 1000 * MS),
    ],
)
@given(schedule=streams())
def test_delay_moves_all_of_the_answer(line, by, schedule):
    assert after_fault(line, schedule) == tuple(moved(action, action.at + by) for action in schedule)


def without_times(schedule):
    return [moved(action, 0) for action in schedule]


def drawn(line):
    """The delays of a thousand answers, in microseconds."""
    schedule, fault = answer(b"{}"), parse(line)
    return [after_fault(fault, schedule, seed=seed)[0].at - schedule[0].at for seed in range(1000)]


def test_delay_draws_evenly_from_a_range():
    delays = drawn("delay uniform=1s..3s")
    assert 1000 * MS <= min(delays) < 1100 * MS
    assert 1900 * MS < median(delays) < 2100 * MS
    assert 2900 * MS < max(delays) <= 3000 * MS


def test_delay_draws_from_a_lognormal_distribution():
    delays = drawn("delay lognormal=800ms,0.5")
    assert 760 * MS < median(delays) < 840 * MS
    inside = sum(800 * MS / math.exp(0.5) < delay < 800 * MS * math.exp(0.5) for delay in delays)
    assert 640 < inside < 725  # 68% within one standard deviation


def test_delay_survives_any_distribution():
    delays = drawn("delay lognormal=1s,999999999 max=5s")
    assert set(delays) == {0, 5000 * MS}


@pytest.mark.parametrize("line", ["delay", "delay max=1s", "delay time=1s uniform=1s..2s"])
def test_delay_takes_one_distribution(line):
    with pytest.raises(UsageError, match="give one of time=, uniform= and lognormal="):
        parse(line)


@pytest.mark.parametrize(("line", "how"), [("refuse", "reset"), ("empty", "close")])
@pytest.mark.parametrize("schedule", [stream(b"data: 1\n\n"), answer(b"{}"), SILENT])
def test_there_is_no_answer(line, how, schedule):
    assert after_fault(line, schedule) == (Finish(0, how),)


def test_status_replaces_the_answer():
    line = "status code=429 retry-after=1500ms header=X-Limit:3 body='slow down'"
    assert after_fault(line, stream(b"data: 1\n\n", b"data: 2\n\n")) == (
        Head(
            100 * MS,
            429,
            "Too Many Requests",
            (
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Retry-After", "2"),
                ("X-Limit", "3"),
                ("Content-Length", "9"),
            ),
        ),
        Data(100 * MS, b"slow down"),
        Finish(100 * MS, "complete"),
    )


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        ("status code=500", (("Content-Length", "0"),)),
        ("status code=204", ()),
        ("status code=503 retry-after=0", (("Retry-After", "0"), ("Content-Length", "0"))),
        ("status code=503 retry-after=2m", (("Retry-After", "120"), ("Content-Length", "0"))),
        ("status code=302 header='Location: /x?a=b'", (("Location", "/x?a=b"), ("Content-Length", "0"))),
    ],
)
def test_status_headers(line, headers):
    assert after_fault(line, answer(b"{}"))[0].headers == headers


def test_status_tells_json_by_itself():
    head, data, _ = after_fault('status code=401 body=\'{"error": "Session expired"}\'', answer(b"{}"))
    assert head.headers == (("Content-Type", "application/json"), ("Content-Length", "28"))
    assert data.data == b'{"error": "Session expired"}'


def test_status_keeps_the_connection_and_answers_head_requests():
    schedule = after_fault("status code=503 body=busy", answer(b"{}"), request=request(method="HEAD"))
    performed = script(schedule, "HEAD")
    assert (performed.after, performed.status) == ("keep", 503)
    assert performed.frames[-1].data.endswith(b"Content-Length: 4\r\n\r\n")


@pytest.mark.parametrize("code", [204, 304])
def test_status_cannot_have_a_body_that_no_client_would_see(code):
    with pytest.raises(
        UsageError, match=rf"^fault status: an answer of status {code} has no body: leave out"
    ):
        parse(f"status code={code} body=x")


@pytest.mark.parametrize("line", ["status", "status code=100", "status code=600", "content-type"])
def test_what_is_needed(line):
    with pytest.raises(UsageError):
        parse(line)


HEADERS = (
    ("Content-Type", "text/plain"),
    ("a", "1"),
    ("X-B", "2"),
    ("A", "3"),
    ("Transfer-Encoding", "chunked"),
)


def with_headers(*headers):
    return Head(0, 200, "OK", headers), Data(0, b"x"), Finish(0, "complete")


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("header drop=A", [*HEADERS[:1], *HEADERS[2:3], *HEADERS[4:]]),
        ("header drop=x-b", [*HEADERS[:2], *HEADERS[3:]]),
        ("header set=A:9", [HEADERS[0], ("A", "9"), HEADERS[2], HEADERS[4]]),
        ("header set='x-b: y z'", [*HEADERS[:2], ("x-b", "y z"), *HEADERS[3:]]),
        ("header set=New:", [*HEADERS, ("New", "")]),
        ("header set=A:9 drop=a", [HEADERS[0], HEADERS[2], HEADERS[4], ("A", "9")]),
        ("header set=Content-Length:7", [*HEADERS, ("Content-Length", "7")]),
        ("content-type value='text/html; charset=latin-1'",
         [("Content-Type", "text/html; charset=latin-1"), *HEADERS[1:]]),
    ],
)  # fmt: skip
def test_headers_are_set_and_dropped(line, after):
    assert after_fault(line, with_headers(*HEADERS)) == with_headers(*after)


def test_content_type_keeps_the_name_as_it_is_written_and_adds_what_is_missing():
    line = "content-type value=text/html"
    assert after_fault(line, with_headers(("content-TYPE", "a/b")))[0].headers == (
        ("content-TYPE", "text/html"),
    )
    assert after_fault(line, with_headers())[0].headers == (("Content-Type", "text/html"),)


def test_a_length_that_is_set_is_not_corrected():
    changed = after_fault("header set=Content-Length:99", answer(b"{}"))
    assert changed[0].headers[1] == ("Content-Length", "99")
    assert script(changed).after == "close"


@pytest.mark.parametrize("line", ["header", "header method=GET"])
def test_header_needs_something_to_do(line):
    with pytest.raises(UsageError, match="give set=NAME:VALUE, drop=NAME, or both"):
        parse(line)
