"""What is derived from a recorded session before anything is asked."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from cassettes.file.reader import Cassette
from comparison.live_run.conversation_plan import PollStep, plan, timeline
from tests.cassettes.recorded import HEADER, save
from tests.cassettes.talk import Talk
from tests.comparison.live_run.bot import job_talk, reply


@pytest.fixture
def planned(written):
    """The plan of a conversation that is all one session."""

    def read(talk: Talk):
        with Cassette.open(written(talk)) as cassette:
            times = timeline(cassette.request(number) for number in range(len(cassette)))
            return plan(cassette, range(len(cassette)), frozenset(), times)

    return read


def test_polls_are_told_from_what_ends_or_lists_a_job(planned):
    talk = job_talk("running")
    talk.add("/jobs", answer={"jobs": [{"job_id": "job_recorded01"}]})
    talk.add(
        "/jobs/job_recorded01/fail", method="POST", answer={"job_id": "job_recorded01", "status": "failed"}
    )
    for _ in range(2):
        talk.add("/jobs/job_recorded01", answer={"job_id": "job_recorded01", "status": "failed"})
    steps = planned(talk).steps
    turns = [None, "before", None, None, "until", "after"]
    assert [step.poll for step in steps] == [turn and PollStep(0, turn, "job_recorded01") for turn in turns]
    assert [step.issues for step in steps] == [True] + [False] * 5


def test_a_step_knows_which_tokens_and_cookies_its_client_had(planned):
    talk = job_talk("running")
    talk.add("/note", body={"about": "job_recorded01"}, answer={})
    first, poll, note = planned(talk).steps
    assert (first.needs, first.withheld) == (frozenset(), frozenset())
    assert (poll.needs, poll.withheld) == ({"job_recorded01"}, frozenset())
    assert (note.needs, note.mentions, note.withheld) == (frozenset(), {"job_recorded01"}, {"s"})


def test_recordings_in_one_file_follow_one_another(tmp_path):
    first, second = job_talk("running"), job_talk("running")
    first.at(1, 5_000_000)
    second.at(0, 9_000)
    second.at(1, 10_000)
    path = save(tmp_path / "two.jsonl", [HEADER, *first.records(), HEADER, *second.records()])
    with Cassette.open(path) as cassette:
        times = timeline(cassette.request(number) for number in range(len(cassette)))
    assert list(times) == [0, 5_000_000, 5_000_000, 5_001_000]
    assert list(timeline([])) == []


@pytest.mark.parametrize("url", ["http://[half/a", "*", "http://h", "http://h/%zz?a b", "/no/origin", "x:y"])
def test_whatever_url_was_recorded_is_asked_or_said(live, url):
    talk = Talk()
    talk.add("/a", answer={})
    one = talk.exchanges[0]
    talk.exchanges[0] = replace(one, request=replace(one.request, url=url))
    done, bot = live(talk, lambda _: reply())
    assert done.hows == ["answered"]
    assert bot.received[0].target.startswith("/")


def test_a_cassette_without_exchanges_asks_nothing(run):
    done = asyncio.run(run(Talk(), "http://127.0.0.1:1"))
    assert done.result.exchanges == ()
    assert done.result.lost == ""
