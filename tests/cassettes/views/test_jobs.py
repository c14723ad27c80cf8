from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cassettes.file.reader import Cassette
from cassettes.samples import resolve
from cassettes.views.jobs import JobState, find_jobs, state
from tests.cassettes.talk import Talk

ASKED = "/api/v1/stream?mode=job"


def job_talk(polling_url=None, polls=("/jobs/j1", "/jobs/j1"), job_id="j1", **answer):
    talk = Talk()
    fields = {} if polling_url is None else {"polling_url": polling_url}
    talk.add(ASKED, body={"query": "hi"}, answer={"job_id": job_id, "status": "pending", **fields, **answer})
    for poll in polls:
        talk.add(poll, answer={"job_id": job_id, "status": "running"})
    return talk


def found(talk):
    return [(job.id, job.target, job.issued, job.polls) for job in find_jobs(talk.exchanges)]


@pytest.mark.parametrize(
    ("polling_url", "polled"),
    [
        (None, "/jobs/j1"),
        ("", "/jobs/j1"),
        (7, "/jobs/j1"),
        ("/jobs/j1", "/jobs/j1"),
        ("http://elsewhere:1/jobs/j1", "/jobs/j1"),
        ("poll?id=j1", "/api/v1/poll?id=j1"),
        ("/poll?id=j1", "/poll?id=j1"),
    ],
)
def test_a_job_and_its_polls(polling_url, polled):
    assert found(job_talk(polling_url, [polled, polled])) == [("j1", polled, 0, [1, 2])]


@pytest.mark.parametrize("polling_url", ["http://[half/", "/jobs/j2"])
def test_what_is_no_poll(polling_url):
    assert all(polls == [] for _, _, _, polls in found(job_talk(polling_url, ["/jobs/j1/delete"])))


@pytest.mark.parametrize("job_id", ["", None, True, ["j1"], {"id": 1}])
def test_what_is_no_job(job_id):
    assert found(job_talk(job_id=job_id, polls=[])) == []


def test_an_id_is_escaped_in_the_url():
    assert found(job_talk(job_id="a/b c", polls=["/jobs/a%2Fb%20c"])) == [
        ("a/b c", "/jobs/a%2Fb%20c", 0, [1])
    ]


@pytest.mark.parametrize("number", [0, 1, 17])
def test_a_number_is_an_id(number):
    assert found(job_talk(job_id=number, polls=[f"/jobs/{number}"])) == [
        (str(number), f"/jobs/{number}", 0, [1])
    ]


def test_two_jobs_at_a_time():
    talk = job_talk(polls=[])
    talk.add(ASKED, body={}, answer={"job_id": "j2"})
    talk.add("/jobs/j2", answer={"job_id": "j2"})
    talk.add("/jobs/j1", answer={"job_id": "j1"})
    assert found(talk) == [("j1", "/jobs/j1", 0, [3]), ("j2", "/jobs/j2", 1, [2])]


def test_a_job_that_was_issued_before_the_recording():
    talk = job_talk(polls=["/jobs/j1", "/jobs/j1"])
    assert [(job.issued, job.polls) for job in find_jobs(talk.exchanges[1:])] == [(None, [1, 2])]


def test_another_method_is_no_poll():
    talk = job_talk(polls=[])
    talk.add("/jobs/j1", method="DELETE")
    assert found(talk) == [("j1", "/jobs/j1", 0, [])]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, JobState()),
        ({"status": "pending"}, JobState(status="pending")),
        (
            {"status": "running", "latest_progress": {"step": "a", "message": "m", "progress": 12.5}},
            JobState(status="running", step="a", message="m", progress=12.5),
        ),
        ({"progress": [{"progress": 1}, {"step": "b", "progress": 2}]}, JobState(step="b", progress=2)),
        ({"progress": []}, JobState()),
        ({"progress": 40}, JobState(progress=40)),
        ({"progress": True, "status": 5}, JobState()),
        (
            {"status": "succeeded", "result": {"response": "r"}},
            JobState(status="succeeded", result={"response": "r"}),
        ),
        ({"status": "failed", "error": "e"}, JobState(status="failed", error="e")),
    ],
)
def test_the_state_that_a_poll_tells(answer, expected):
    talk = Talk()
    talk.add("/jobs/j1", answer=answer)
    assert state(talk.exchange(0)) == replace(expected, http=200)


@pytest.mark.parametrize(
    ("told", "ended"),
    [
        (JobState(http=200, status="pending"), False),
        (JobState(http=200, status="running"), False),
        (JobState(http=200, status="succeeded"), True),
        (JobState(http=200, status="completed"), True),
        (JobState(http=200, status="failed"), True),
        (JobState(http=404), True),
        (JobState(), False),
    ],
)
def test_when_a_job_has_ended(told, ended):
    assert told.ended is ended


def test_the_sample():
    with Cassette.open(resolve("job")) as cassette:
        (job,) = find_jobs(cassette.exchanges())
        assert (job.issued, job.polls) == (0, [1, 2, 3, 4])
        states = [state(cassette.exchange(number)) for number in job.polls]
    assert [(one.progress, one.ended) for one in states] == [
        (25, False),
        (50, False),
        (75, False),
        (100, True),
    ]


@given(st.binary(max_size=40) | st.sampled_from([b"[" * 100_000, b'{"job_id": 1e999}', b'{"job_id": NaN}']))
def test_any_body_is_read(body):
    talk = Talk()
    talk.add("/jobs/j1", answer={})
    exchange = talk.exchange(0)
    odd = replace(exchange, chunks=(replace(exchange.chunks[0], data=body),))
    assert state(odd).http == 200
    assert find_jobs([odd]) == []
