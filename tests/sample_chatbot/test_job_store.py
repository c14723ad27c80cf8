from __future__ import annotations

import random

import pytest

from sample_chatbot.job_store import ChatbotJob, JobStore
from sample_chatbot.request import ChatRequest


@pytest.fixture
def known() -> JobStore:
    return JobStore(random.Random(1))  # noqa: S311 - no secret depends on it


@pytest.fixture
def job(known: JobStore) -> ChatbotJob:
    return known.create("a session", ChatRequest("deep"))


def test_a_job_moves_on_with_every_poll_until_it_succeeds(job: ChatbotJob) -> None:  # TC-201
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


def test_the_result_comes_with_the_success_and_not_before(job: ChatbotJob) -> None:
    for _ in range(3):
        job.poll()
        assert job.state()["result"] is None
    job.poll()
    assert "deep" in job.state()["result"]["response"]


def test_a_failed_job_stays_failed(job: ChatbotJob) -> None:  # TC-402
    job.poll()
    job.fail("why")
    job.poll()
    assert (job.status, job.error, job.progress["progress"]) == ("failed", "why", 25)


def test_a_job_that_nobody_polled_has_progress_when_it_fails(
    job: ChatbotJob,
) -> None:  # TC-402: curl, fail, poll
    job.fail("why")
    assert job.state()["latest_progress"] == {
        "step": "queued",
        "message": "Waiting to be picked up...",
        "progress": 0,
    }


def test_the_oldest_job_makes_room_for_a_new_one() -> None:
    known = JobStore(random.Random(1), capacity=3)  # noqa: S311 - no secret depends on it
    made = [known.create("s", ChatRequest()) for _ in range(5)]
    assert list(known) == made[2:]


def test_ids_depend_on_the_seed_alone() -> None:
    sources = [random.Random(seed) for seed in (1, 1, 2)]  # noqa: S311 - no secret depends on it
    first, again, other = (JobStore(source).create("s", ChatRequest()).id for source in sources)
    assert first == again != other
    assert first.startswith("job_")
