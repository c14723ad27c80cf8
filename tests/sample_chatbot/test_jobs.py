from __future__ import annotations

import random

import pytest

from sample_chatbot import jobs
from sample_chatbot.jobs import Job, Jobs
from sample_chatbot.request import ChatRequest


@pytest.fixture
def known() -> Jobs:
    return Jobs(random.Random(1))  # noqa: S311 - no secret depends on it


@pytest.fixture
def job(known: Jobs) -> Job:
    return known.create("a session", ChatRequest("deep"))


def test_a_job_moves_on_with_every_poll_until_it_succeeds(job: Job) -> None:  # TC-201
    seen = [(job.status, job.progress["progress"])]
    for _ in range(5):
        job.poll()
        seen.append((job.status, job.progress["progress"]))
    assert seen == [
        ("pending", 0),
        ("running", 25),
        ("running", 50),
        ("running", 75),
        ("succeeded", 100),
        ("succeeded", 100),
    ]


def test_the_result_comes_with_the_success_and_not_before(job: Job) -> None:
    for _ in range(3):
        job.poll()
        assert job.answer()["result"] is None
    job.poll()
    assert "deep" in job.answer()["result"]["response"]


def test_a_failed_job_stays_failed(job: Job) -> None:  # TC-402
    job.poll()
    job.fail("why")
    job.poll()
    assert (job.status, job.error, job.progress["progress"]) == ("failed", "why", 25)


def test_a_job_that_nobody_polled_has_progress_when_it_fails(job: Job) -> None:  # TC-402: curl, fail, poll
    job.fail("why")
    assert job.answer()["latest_progress"] == {
        "step": "queued",
        "message": "Waiting to be picked up...",
        "progress": 0,
    }


def test_the_oldest_job_makes_room_for_a_new_one(known: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_JOBS", 3)
    made = [known.create("s", ChatRequest()) for _ in range(5)]
    assert list(known) == made[2:]


def test_ids_depend_on_the_seed_alone() -> None:
    sources = [random.Random(seed) for seed in (1, 1, 2)]  # noqa: S311 - no secret depends on it
    first, again, other = (Jobs(source).create("s", ChatRequest()).id for source in sources)
    assert first == again != other
    assert first.startswith("job_")
