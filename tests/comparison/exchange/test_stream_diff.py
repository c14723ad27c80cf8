from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cassettes.framings.event import Event
from cassettes.samples import samples
from comparison.rules.comparison_rules import STRICT, parse_rules
from comparison.rules.noise import Noise
from tests.comparison.mutants import (
    SECOND,
    compared,
    differences_of,
    event,
    events_of,
    reminted,
    sample,
    stream,
    with_events,
    with_exchange,
)

SAMPLE = sample("stream")
EVENTS = events_of(SAMPLE)
PLACES = range(len(EVENTS))


def found(events):
    """The differences from the sample, seen by a client with tokens and times of its own."""
    return compared(SAMPLE, reminted(with_events(SAMPLE, events)))


def changed_data(event, change):
    data = json.loads(event.data)
    change(data)
    return replace(event, data=json.dumps(data))


def only(comparison):
    assert not comparison.uncompared
    (one,) = comparison.differences
    return one


@pytest.mark.parametrize("name", samples())
def test_a_recording_is_the_same_as_itself_and_as_another_client_has_it(name):
    talk = sample(name)
    assert compared(talk, talk).verdict == "same"
    assert compared(talk, reminted(talk)).verdict == "same"
    assert compared(reminted(talk, 2), reminted(talk, 3)).verdict == "same"


@pytest.mark.parametrize("place", PLACES)
def test_a_dropped_event(place):
    one = only(found(EVENTS[:place] + EVENTS[place + 1 :]))
    assert (one.aspect, one.change) == ("events", "removed")
    assert (one.at.event, one.live_at.event, one.event) == (place, None, EVENTS[place].type)
    assert one.live == "nothing"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("to", [0, 3, len(EVENTS)])
def test_a_duplicated_event(place, to):
    one = only(found([*EVENTS[:to], EVENTS[place], *EVENTS[to:]]))
    assert (one.aspect, one.change, one.event) == ("events", "duplicated", EVENTS[place].type)
    assert one.at.event is None
    assert one.live_at.event in {to, place, place + 1}


@pytest.mark.parametrize("place", PLACES)
def test_a_renamed_event(place):
    one = only(found([*EVENTS[:place], replace(EVENTS[place], type="other"), *EVENTS[place + 1 :]]))
    assert (one.aspect, one.change) == ("events", "renamed")
    assert (one.at.event, one.live_at.event) == (place, place)
    assert (one.recorded.split()[0], one.live.split()[0]) == (EVENTS[place].type, "other")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("to", PLACES)
def test_a_moved_event(place, to):
    rest = EVENTS[:place] + EVENTS[place + 1 :]
    comparison = found([*rest[:to], EVENTS[place], *rest[to:]])
    if place == to:
        assert comparison.verdict == "same"
        return
    one = only(comparison)
    assert (one.aspect, one.change) == ("events", "moved")
    if abs(place - to) > 1:  # of two neighbours either was moved
        assert (one.at.event, one.live_at.event) == (place, to)


@pytest.mark.parametrize(
    ("place", "change", "expected"),
    [
        (0, lambda data: data.pop("message"), ("structure", "removed", "/message")),
        (1, lambda data: data.update(extra=1), ("structure", "added", "/extra")),
        (2, lambda data: data.update(progress="50"), ("structure", "retyped", "/progress")),
        (2, lambda data: data.update(progress=51), ("values", "changed", "/progress")),
        (2, lambda data: data.update(progress=5), ("values", "changed", "/progress")),
        (3, lambda data: data["details"].update(total_sections=4), ("values", "changed", "/details/total_sections")),
        (3, lambda data: data.update(step="writing"), ("values", "changed", "/step")),
        (4, lambda data: data.update(response="I do not know anything about that at all, I am sorry."),
         ("texts", "changed", "/response")),
        (4, lambda data: data["sources"].pop(0), ("structure", "removed", "/sources/0")),
        (4, lambda data: data["sources"][1].update(page=43), ("values", "changed", "/sources/1/page")),
        (5, lambda data: data.update(progress=None), ("structure", "retyped", "/progress")),
    ],
)  # fmt: skip
def test_a_change_inside_an_event(place, change, expected):
    changed = changed_data(EVENTS[place], change)
    one = only(found([*EVENTS[:place], changed, *EVENTS[place + 1 :]]))
    assert (one.aspect, one.change, one.pointer) == expected
    assert (one.at.event, one.live_at.event, one.event) == (place, place, EVENTS[place].type)


@given(st.data())
def test_a_mutation_is_found_at_its_event(data):
    place = data.draw(st.sampled_from(PLACES))
    value = json.loads(EVENTS[place].data)
    key = data.draw(st.sampled_from(sorted(value)))
    if data.draw(st.booleans()):
        del value[key]
    else:
        value[key] = None
    one = only(found([*EVENTS[:place], replace(EVENTS[place], data=json.dumps(value)), *EVENTS[place + 1 :]]))
    assert (one.at.event, one.live_at.event, one.pointer) == (place, place, f"/{key}")


def test_two_changes_are_two_differences():
    changed = changed_data(EVENTS[4], lambda data: data["metadata"].update(documents_analyzed=11))
    assert differences_of(found([EVENTS[0], *EVENTS[2:4], changed, EVENTS[5]])) == [
        ("events", "removed", ""),
        ("values", "changed", "/metadata/documents_analyzed"),
    ]


def test_an_error_event_and_what_never_came_for_it():
    one = only(found([*EVENTS[:3], event("error", EVENTS[3].at, error="out of memory")]))
    assert (one.aspect, one.change, one.event) == ("events", "added", "error")
    assert (
        one.why
        == "an event that was not recorded; 3 recorded events did not come (progress, result, complete)"
    )


@pytest.mark.parametrize("how", ["reset", "server-closed", "error"])
@pytest.mark.parametrize("kept", [0, 3, 6])
def test_a_stream_that_broke(how, kept):
    broken = with_events(SAMPLE, EVENTS[:kept])
    end = replace(SAMPLE.exchange(0).end, how=how)
    one = only(compared(SAMPLE, with_exchange(broken, 0, end=end)))
    assert (one.aspect, one.change, one.recorded, one.live) == ("ending", "changed", "complete", how)
    assert (f"{6 - kept} recorded events did not come" in one.why) is (kept < 6)


def test_a_stream_that_broke_inside_an_event():
    exchange = SAMPLE.exchange(0)
    chunks = (*exchange.chunks[:2], replace(exchange.chunks[2], data=exchange.chunks[2].data[:30]))
    live = with_exchange(SAMPLE, 0, chunks=chunks, end=replace(exchange.end, how="reset"))
    assert "4 recorded events" in only(compared(SAMPLE, live)).why


def test_events_that_are_missing_are_told_when_endings_are_not():
    broken = with_exchange(
        with_events(SAMPLE, EVENTS[:5]), 0, end=replace(SAMPLE.exchange(0).end, how="reset")
    )
    assert differences_of(compared(SAMPLE, broken, parse_rules(["-ending"]))) == [("events", "removed", "")]


@pytest.mark.parametrize("how", ["client-closed", "unfinished"])
def test_a_live_stream_that_was_left_is_not_the_same(how):
    end = replace(SAMPLE.exchange(0).end, how=how)
    comparison = compared(SAMPLE, with_exchange(with_events(SAMPLE, EVENTS[:3]), 0, end=end))
    assert comparison.verdict == "could-not-compare"
    assert "was left early: 3 recorded events did not come" in comparison.uncompared[0].why


def test_a_live_stream_whose_end_is_missing_is_not_the_same():
    end = replace(SAMPLE.exchange(0).end, how="unfinished")
    recorded = with_events(SAMPLE, EVENTS[:-1])
    comparison = compared(recorded, with_exchange(recorded, 0, end=end))
    assert comparison.verdict == "could-not-compare"
    assert comparison.uncompared[0].why == "the live stream was left early: its end is missing"
    assert (
        compared(with_exchange(recorded, 0, end=end), with_exchange(recorded, 0, end=end)).verdict == "same"
    )


@pytest.mark.parametrize("how", ["client-closed", "unfinished"])
def test_behind_its_last_event_a_stream_is_complete_whoever_left(how):
    left = with_exchange(SAMPLE, 0, end=replace(SAMPLE.exchange(0).end, how=how))
    broken = with_exchange(
        with_events(SAMPLE, EVENTS[:3]), 0, end=replace(SAMPLE.exchange(0).end, how="reset")
    )
    assert compared(SAMPLE, left).verdict == compared(left, SAMPLE).verdict == "same"
    (found,) = compared(left, broken).differences
    assert (found.aspect, found.recorded, found.live) == ("ending", "complete", "reset")


def test_a_recorded_stream_that_was_left_is_compared_as_far_as_it_goes():
    end = replace(SAMPLE.exchange(0).end, how="client-closed")
    left = with_exchange(with_events(SAMPLE, EVENTS[:3]), 0, end=end)
    assert compared(left, SAMPLE).verdict == "same"
    assert differences_of(compared(left, with_events(SAMPLE, EVENTS[1:]))) == [("events", "removed", "")]


def test_data_that_is_no_json():
    one, other = stream([Event(data="[DONE]")]), stream([Event(data="[STOP]")])
    assert differences_of(compared(one, one)) == []
    assert differences_of(compared(one, other)) == [("values", "changed", "")]


def test_events_with_ids_and_without():
    ids = [replace(one, id=str(place)) for place, one in enumerate(EVENTS)]
    assert differences_of(compared(with_events(SAMPLE, ids), SAMPLE)) == [("events", "changed", "")]
    assert differences_of(compared(with_events(SAMPLE, ids), with_events(SAMPLE, ids))) == []


def test_another_time_to_reconnect():
    later = [replace(EVENTS[0], retry=3000), *EVENTS[1:]]
    one = only(compared(SAMPLE, with_events(SAMPLE, later)))
    assert one.why == "clients reconnect after another time: retry None, then retry 3000"


def test_heartbeats_and_time_follow_from_a_stream_that_broke():
    recorded = beating(5, 60)
    events = [one for one in events_of(recorded) if one.at < 25 * SECOND]
    end = replace(recorded.exchange(0).end, how="reset", at=25 * SECOND)
    live = with_exchange(with_events(recorded, events), 0, end=end)
    assert differences_of(compared(recorded, live, TIMING)) == [("ending", "changed", "")]


def test_progress_that_goes_back_where_values_are_not_compared():
    one, other = (
        [event("progress", progress=value) for value in values] for values in ((10, 50, 90), (20, 80, 60))
    )
    rules = parse_rules(["-values"])
    falls = only(compared(stream(one), stream(other), rules))
    assert (falls.aspect, falls.live_at.event, falls.live) == ("progress", 2, "80 %, then 60 %")
    assert differences_of(compared(stream(other), stream(other), rules)) == []
    assert differences_of(compared(stream(other), stream(one), rules)) == []


HEARTBEAT = event("heartbeat")


def beating(count, seconds, beat=HEARTBEAT):
    """A stream with so many heartbeats in so many seconds."""
    step = seconds * SECOND // (count + 1)
    beats = [replace(beat, at=step * (place + 1)) for place in range(count)]
    return stream([event("progress", progress=1), *beats, event("result", seconds * SECOND, response="r")])


@pytest.mark.parametrize(
    ("recorded", "live", "same"),
    [
        ((5, 6), (5, 6), True),
        ((5, 6), (5, 1), True),
        ((5, 6), (10, 12), True),
        ((10, 10), (9, 9.5), True),
        ((0, 1), (5, 6), True),
        ((5, 6), (0, 1), True),
        ((5, 6), (4, 6), False),
        ((5, 6), (6, 6), False),
        ((1, 6), (0, 6), False),
        ((5, 6), (1, 12), False),
        ((5, 6), (4, 0), False),
    ],
)
def test_as_many_heartbeats_as_the_time_allows_for(recorded, live, same):
    one, other = (beating(count, round(10 * seconds)) for count, seconds in (recorded, live))
    assert differences_of(compared(one, other)) == ([] if same else [("heartbeats", "changed", "")])


def test_heartbeats_that_vary():
    rules = replace(STRICT, noise=Noise(heartbeats=True))
    assert differences_of(compared(beating(5, 60), beating(1, 60), rules)) == []
    assert (
        differences_of(compared(beating(5, 60), beating(3, 60), parse_rules(tolerances=["heartbeats=2"])))
        == []
    )


def test_comments_are_heartbeats():
    comment = Event(comments=("keep-alive",), dispatched=False)
    assert differences_of(compared(beating(5, 60, comment), beating(5, 60, comment))) == []
    assert differences_of(compared(beating(5, 60, comment), beating(4, 60, comment))) == [
        ("heartbeats", "changed", "")
    ]


def test_what_heartbeats_say_is_told_once():
    assert differences_of(compared(beating(5, 60), beating(5, 60, event("heartbeat", load=1)))) == [
        ("structure", "added", "/load")
    ]


TIMING = parse_rules(["+timing"])


def late(place, by):
    """The sample's events, from a place on so many microseconds later."""
    return [replace(one, at=one.at + by) if number >= place else one for number, one in enumerate(EVENTS)]


@pytest.mark.parametrize("place", PLACES)
def test_a_delay_is_told_at_its_event(place):
    live = with_events(SAMPLE, late(place, 3 * SECOND))
    assert differences_of(compared(SAMPLE, live)) == []
    one = only(compared(SAMPLE, live, TIMING))
    assert (one.aspect, one.live_at.event) == ("timing", place)
    assert one.why.startswith("the gap is" if place else "the time to the first event is")


def test_timing_that_is_within_its_tolerance():
    live = with_events(SAMPLE, late(1, SECOND * 4 // 10))
    assert differences_of(compared(SAMPLE, live, TIMING)) == []
    live = with_events(SAMPLE, late(1, 3 * SECOND))
    assert differences_of(compared(SAMPLE, live, parse_rules(["+timing"], tolerances=["timing=20"]))) == []
    assert differences_of(compared(SAMPLE, live, parse_rules(["+timing"], tolerances=["floor=5s"]))) == []
    assert differences_of(compared(SAMPLE, live, replace(TIMING, noise=Noise(timing=20)))) == []


def test_a_whole_time_that_no_gap_tells_of():
    end = replace(SAMPLE.exchange(0).end, at=60 * SECOND)
    one = only(compared(SAMPLE, with_exchange(SAMPLE, 0, end=end), TIMING))
    assert one.why.startswith("the whole time is 29.9")
    assert one.measure == pytest.approx(30, rel=0.1)


def test_too_fast_is_told_as_well():
    assert only(compared(with_events(SAMPLE, late(2, 3 * SECOND)), SAMPLE, TIMING)).why.endswith(
        "times as short"
    )


def test_an_odd_stream_of_thousands_of_events_is_one_difference():
    texts = [Event(type="message", data=json.dumps({"delta": f"w{number % 50}"})) for number in range(3000)]
    live = [*texts[:1000], *texts[1001:]]
    assert differences_of(compared(stream(texts), stream(live))) == [("events", "removed", "")]


def test_nothing_in_a_field_is_not_the_same_as_no_field():
    with_it, without_it = event("progress", at=1, hint=None), event("progress", at=1)
    assert differences_of(compared(stream([with_it, without_it]), stream([without_it, with_it]))) == [
        ("events", "moved", "")
    ]
