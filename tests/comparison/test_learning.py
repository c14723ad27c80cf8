from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.learning import learn
from comparison.rules.comparison_rules import STRICT, parse_rules
from comparison.rules.noise import Field, Noise
from comparison.rules.noise_file import parse_noise, write_noise
from foundation.errors import UsageError
from tests.cassettes.talk import Talk
from tests.comparison.mutants import (
    SECOND,
    compared,
    differences_of,
    event,
    events_of,
    sample,
    stream,
    with_events,
    with_json,
)

WORDINGS = [
    "Revenue grew by 8.2 percent while the operating margin stayed at 31 percent in the last quarter of the year.",
    "Revenue rose by 8.2 percent while the operating margin remained at 31 percent in the last quarter of the year.",
    "The revenue grew by 8.2 percent, and the operating margin stayed at 31 percent, in the last quarter of the year.",
    "Revenue grew 8.2 percent while the operating margin stayed at about 31 percent in the year's last quarter.",
]


def noisy(number: int, change=lambda _kind, _data: None) -> Talk:
    """The same answer as a model gives it: other words, other counts, another pace."""
    drawn = random.Random(number)  # noqa: S311 - a test needs the same ones each time
    answer = [
        ("progress", {"step": "reading", "message": f"Reading {drawn.randrange(10, 99)} pages", "progress": 10}),
        ("progress", {"step": "thinking", "progress": 50, **({"hint": "cached"} if number % 2 else {})}),
        ("result", {
            "response": WORDINGS[number % len(WORDINGS)],
            "sources": [{"title": "A", "score": drawn.random()}, {"title": "B", "score": drawn.random()}],
            "metadata": {"tokens": drawn.randrange(100, 999), "model": "m-1", "cost": 0.5 if number % 2 else None},
        }),
        ("complete", {"progress": 100}),
    ]  # fmt: skip
    events, at = [], 0
    for kind, data in answer:
        for _ in range(drawn.randrange(3)):
            at += SECOND
            events.append(event("heartbeat", at))
        at += drawn.randrange(SECOND, 3 * SECOND)
        change(kind, data)
        events.append(event(kind, at, **data))
    return stream(events)


def learned(*talks, rules=STRICT):
    return learn([RecordedSessions.of(talk) for talk in talks], rules)


KNOWN = learned(noisy(1), noisy(2), noisy(3))
LEARNED = replace(STRICT, noise=KNOWN.noise)


def test_what_varies():
    assert {(field.pointer, field.event, field.varies) for field in KNOWN.noise.fields} == {
        ("/message", "progress", "value"),
        ("/hint", "progress", "presence"),
        ("/response", "result", "text"),
        ("/sources/*/score", "result", "value"),
        ("/metadata/tokens", "result", "value"),
        ("/metadata/cost", "result", "any"),
    }
    assert {field.request for field in KNOWN.noise.fields} == {"POST /api/v1/stream"}
    assert KNOWN.noise.heartbeats
    assert KNOWN.unexplained == ()
    assert set(KNOWN.notes) <= set(KNOWN.noise.fields)


def test_what_was_learned_is_no_difference():
    for number in range(1, 4):
        for other in range(1, 4):
            assert differences_of(compared(noisy(number), noisy(other), LEARNED)) == []


@pytest.mark.parametrize(
    ("kind", "change", "expected"),
    [
        ("result", lambda data: data["metadata"].update(model="m-2"), ("values", "changed", "/metadata/model")),
        ("result", lambda data: data.pop("sources"), ("structure", "removed", "/sources")),
        ("result", lambda data: data["sources"][0].update(title="C"), ("values", "changed", "/sources/0/title")),
        ("result", lambda data: data["sources"].pop(), ("structure", "removed", "/sources/1")),
        ("result", lambda data: data["metadata"].update(tokens="many"), ("structure", "retyped", "/metadata/tokens")),
        ("result", lambda data: data.update(response="I cannot tell you anything about that, please ask again later."),
         ("texts", "changed", "/response")),
        ("complete", lambda data: data.update(progress=99), ("values", "changed", "/progress")),
    ],
)  # fmt: skip
def test_a_fourth_recording_with_one_real_change_shows_exactly_this_one(kind, change, expected):
    fourth = noisy(4, lambda its, data: change(data) if its == kind else None)
    assert differences_of(compared(noisy(1), fourth, LEARNED)) == [expected]


def test_a_fourth_recording_without_an_event():
    events = [one for one in events_of(noisy(4)) if one.type != "complete"]
    assert differences_of(compared(noisy(1), with_events(noisy(4), events), LEARNED)) == [
        ("events", "removed", "")
    ]


def test_timing_that_scatters():
    noise = learned(*(stream([event("a", at, n=1)]) for at in (SECOND, 2 * SECOND, 3 * SECOND))).noise
    assert noise.timing == pytest.approx(3.8, abs=0.1)
    rules = replace(parse_rules(["+timing"]), noise=noise)
    assert (
        differences_of(
            compared(stream([event("a", SECOND, n=1)]), stream([event("a", 3 * SECOND, n=1)]), rules)
        )
        == []
    )
    assert differences_of(
        compared(stream([event("a", SECOND, n=1)]), stream([event("a", 9 * SECOND, n=1)]), rules)
    ) == [("timing", "changed", "")]


def test_nothing_varies():
    known = learned(sample("job"), sample("job"))
    assert known.noise == Noise()
    assert known.unexplained == known.uncompared == ()


def test_states_that_polls_see():
    job = sample("job")
    fewer = Talk(replace(job.exchange(number), number=place) for place, number in enumerate((0, 1, 3, 4)))
    assert learned(job, fewer).noise == Noise(states=True)


def test_the_fields_of_a_poll_by_its_request():
    job = sample("job")
    other = with_json(job, 2, lambda answer: answer["latest_progress"]["details"].update(metrics_analyzed=16))
    assert learned(job, other).noise.fields == (
        Field(pointer="/latest_progress/details/metrics_analyzed", request="GET /jobs/*", varies="value"),
    )


SOURCES = [
    {"type": "web", "title": "First", "url": "https://a.example/1"},
    {"type": "document", "title": "Second", "page": 7},
    {"type": "dataset", "title": "Third", "rows": 128},
]


def found(*places: int, title: str = "Second", seed: int = 0) -> Talk:
    """An answer with some of the sources, each with a score of its own."""
    drawn = random.Random(seed)  # noqa: S311 - a test needs the same ones each time
    sources = [{**SOURCES[place], "score": drawn.random()} for place in places]
    return stream(
        [
            event(
                "result",
                sources=[{**one, "title": title} if one["type"] == "document" else one for one in sources],
            )
        ]
    )


@pytest.mark.parametrize(
    ("recordings", "fourth"),
    [
        ([(0, 1, 2), (2, 1, 0), (1, 0, 2)], (2, 0, 1)),
        ([(0, 1, 2), (1, 0, 2), (2, 1, 0)], (0, 2, 1)),
        ([(0, 1), (1, 2), (0, 2)], (0, 1, 2)),
        ([(0, 1, 2), (0, 2), (0, 1)], (1, 2)),
    ],
)
def test_items_that_come_and_go_hide_no_change_of_another(recordings, fourth):
    talks = [found(*places, seed=number) for number, places in enumerate(recordings)]
    known = learned(*talks)
    assert {(field.pointer, field.varies) for field in known.noise.fields} == {
        ("/sources/*", "presence"),
        ("/sources/*/score", "value"),
    }
    rules = replace(STRICT, noise=known.noise)
    assert differences_of(compared(talks[0], found(*fourth, seed=9), rules)) == []
    (change,) = differences_of(compared(talks[0], found(*fourth, title="Another", seed=9), rules))
    assert change == ("values", "changed", "/sources/1/title")


def test_what_is_no_noise_is_said():
    events = events_of(sample("stream"))
    known = learned(sample("stream"), with_events(sample("stream"), events[1:]))
    assert known.noise == Noise()
    assert [(one.aspect, one.change) for one in known.unexplained] == [("events", "removed")]


def test_what_has_no_counterpart_is_said():
    assert [one.why for one in learned(sample("stream"), sample("health")).uncompared] == [
        "no live session asks this",
        "no recorded session asks this",
    ]


def test_what_was_known_is_kept():
    field = Field(pointer="/x", varies="any")
    rules = replace(STRICT, noise=Noise(fields=(field,)), ignored=(("metadata",),))
    fields = learned(noisy(1), noisy(2), rules=rules).noise.fields
    assert fields[0] == field
    assert not any("metadata" in one.pointer for one in fields)


def test_one_recording_teaches_nothing():
    with pytest.raises(UsageError, match="--learn needs two recordings"):
        learned(noisy(1))


def test_many_recordings_are_compared_with_the_first_and_the_one_before():
    assert len(learned(*map(noisy, range(8))).noise.fields) == 6


def test_what_was_learned_is_written_and_read():
    text = write_noise(KNOWN.noise, KNOWN.notes)
    assert parse_noise(text, "noise.toml") == KNOWN.noise
    assert all(f"# {note}\n[[field]]\n" in text for note in KNOWN.notes.values())
