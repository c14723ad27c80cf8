"""Whatever was received: a recording is the same as itself, and comparing it with any other never breaks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.event import Event
from cassettes.model import HOWS, Chunk, End, Exchange, Request, Response
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.exchange.ending_diff import LEFT_OPEN
from comparison.learning import learn
from comparison.rules.comparison_rules import STRICT, parse_rules
from tests.cassettes.talk import Talk
from tests.comparison.mutants import compared, differences_of, event, stream

LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=12)
DATA = (
    st.binary(max_size=60)
    | st.sampled_from(
        [
            b'event: progress\ndata: {"progress": 1e999}\n\n',
            b"data: [[[[[[\n\n: comment\n\nretry: 5\n\n",
            b"data: " + b"[" * 3000 + b"]" * 3000 + b"\n\n",
            b"event: \xff\ndata: \xff\n\ndata: cut",
            b'{"job_id": "j1", "status": 5, "progress": [null]}',
            b'{"job_id": 1, "polling_url": "http://[/", "latest_progress": 7}',
            b'{"a": 1, "a": NaN}',
            b'{"n": ' + b"9" * 400 + b"}",
        ]
    )
)  # fmt: skip
URLS = (
    st.sampled_from(["http://h/jobs/j1", "http://h/s?a=%ff", "http://[half/", "/jobs/1", "", "http://h"])
    | LATIN
)
TYPES = st.sampled_from(
    ["text/event-stream", "application/json", "text/html", "", ";;=", "multipart/x; boundary"]
)
COOKIES = st.sampled_from(["a=b", "=", ";;", "session_id=abc123def456; Path", "x"]) | LATIN


@st.composite
def exchanges(draw, number):
    headers = [("Content-Type", draw(TYPES)), ("Set-Cookie", draw(COOKIES)), ("Location", draw(LATIN))]
    answered = draw(st.booleans()) or draw(st.booleans())
    chunks = draw(st.lists(DATA, max_size=3)) if answered else []
    asked = (("Cookie", draw(COOKIES)),)
    request = Request(
        exchange=number, at=draw(st.integers(0, 9)), method=draw(st.sampled_from(["GET", "POST"])), url=draw(URLS),
        http="1.1", headers=asked, body=draw(DATA),
    )  # fmt: skip
    status = draw(st.sampled_from([200, 202, 404, 500]))
    response = Response(exchange=number, at=10, status=status, reason="", headers=tuple(headers))
    return Exchange(
        number=number,
        request=request,
        response=response if answered else None,
        chunks=tuple(Chunk(exchange=number, at=20, data=data) for data in chunks),
        end=End(exchange=number, at=30, how=draw(st.sampled_from(HOWS))),
    )


TALKS = st.integers(1, 4).flatmap(lambda count: st.tuples(*map(exchanges, range(count)))).map(Talk)
RULES = st.sampled_from(
    [STRICT, parse_rules(["+timing"]), parse_rules(["-ending,-status,-content-type,-events"])]
)


@given(TALKS, RULES)
def test_a_recording_has_no_difference_from_itself(talk, rules):
    comparison = compared(talk, talk, rules)
    assert comparison.differences == ()
    whole = all(
        one.end.how not in LEFT_OPEN and (one.response is not None or one.end.how != "error")
        for one in talk.exchanges
    )
    if whole:
        assert [one.why for one in comparison.uncompared if "never polled" not in one.why] == []


@given(TALKS, TALKS, RULES)
def test_any_two_recordings_can_be_compared(one, other, rules):
    comparison = compared(one, other, rules)
    assert comparison.verdict in {"same", "different", "could-not-compare"}
    assert all("\n" not in difference.why for difference in comparison.differences)


@given(TALKS, TALKS)
def test_any_two_recordings_can_be_learned_from(one, other):
    learned = learn([RecordedSessions.of(one), RecordedSessions.of(other)])
    rules = parse_rules(noise=learned.noise)
    assert {*compared(one, other, rules).differences} <= {*learned.unexplained}


KINDS = ("progress", "result", "message")


@st.composite
def streams(draw):
    """Some events, no two of which say the same, each with a time and an id of its own."""
    count = draw(st.integers(2, 8))
    return [
        event(
            draw(st.sampled_from(KINDS)),
            n=f"event {number}",
            at_=f"2026-11-22T14:11:{draw(st.integers(10, 59))}Z",
        )
        for number in range(count)
    ]


def later(events: list[Event]) -> list[Event]:
    """The same events at other times."""
    return [Event(type=one.type, data=one.data.replace("T14:11", "T15:12")) for one in events]


@given(streams(), st.data())
def test_one_change_to_a_stream_is_one_difference(events, data):
    place = data.draw(st.integers(0, len(events) - 1))
    to = data.draw(st.integers(0, len(events) - 1).filter(lambda to: to != place))
    what = data.draw(st.sampled_from(["removed", "duplicated", "renamed", "moved"]))
    live = later(events)
    its = live.pop(place)
    if what == "duplicated":
        live.insert(place, its)
        live.insert(to, its)
    elif what == "renamed":
        live.insert(place, Event(type="renamed", data=its.data))
    elif what == "moved":
        live.insert(to, its)
    comparison = compared(stream(events), stream(live))
    assert [(one.aspect, one.change) for one in comparison.differences] == [("events", what)]
    if what in {"removed", "renamed"}:
        assert comparison.differences[0].at.event == place


@given(streams(), streams())
def test_what_is_removed_one_way_is_added_the_other_way(one, other):
    def counts(differences):
        changes = [each.change for each in differences]
        return (
            changes.count("removed"),
            changes.count("added") + changes.count("duplicated"),
            changes.count("moved"),
        )

    there, back = (counts(compared(*map(stream, pair)).differences) for pair in ((one, other), (other, one)))
    assert there == (back[1], back[0], back[2])


@pytest.mark.parametrize("number", [50, 60, 100])
def test_a_number_that_counts_is_never_noise(number):
    for name in ("progress", "count", "total_metrics", "status_code", "page", "rows", "version"):
        live = [event("progress", **{name: number + 1, "elapsed_ms": 7, "timestamp": 1732279999})]
        recorded = [event("progress", **{name: number, "elapsed_ms": 9, "timestamp": 1732279868})]
        assert differences_of(compared(stream(recorded), stream(live))) == [("values", "changed", f"/{name}")]
        assert json.loads(compared(stream(recorded), stream(live)).differences[0].live) == number + 1
