"""Job Polling: TC-201 to TC-204."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import urlsplit

from chatreel.conformance.caller import ENDED
from chatreel.conformance.case import case
from chatreel.conformance.categories import JOB_POLLING
from chatreel.conformance.pass_criteria import expect, expect_equal
from chatreel.conformance.target import Target
from platform_client.polled_job import latest_progress, polling_url

SAME = {"queued": "pending", "completed": "succeeded"}
"""Other names of a status that the contract allows, and the name that the scenarios use."""


@case("TC-201", "Basic Job Polling", JOB_POLLING)
def basic_polling(target: Target) -> None:
    """A job goes from pending to running to succeeded, and the platform's client gets the result.

    How many polls that takes is up to the target (TC-201 has four, TC-202 three). The client does not report
    statuses, so another job is polled for them.
    """
    with target.caller() as caller:
        job = caller.create_job(target.jobs, "Deep analysis request, status by status")
        states = [job.reply.json, *caller.follow(job, target.seconds(2))]
    expect_equal(
        "status progresses: pending, running, succeeded",
        [name for name, _ in itertools.groupby(map(status, states))],
        ["pending", "running", "succeeded"],
    )
    conversation = target.request_job("Deep analysis request")
    conversation.expect_result()
    expect("the client gets cookies", conversation.responses[0].cookies, "a cookie", "none")


@case("TC-202", "Job Status Progression", JOB_POLLING)
def status_progression(target: Target) -> None:
    """Status and progress advance with each of three polls, 2 s apart.

    The document lets the third one succeed; its TC-201, and the contract, have the fourth do so. Both advance.
    """
    with target.caller() as caller:
        job = caller.create_job(target.jobs, "Status and progress")
        states = list(itertools.islice(caller.follow(job, target.seconds(2)), 3))
    places = [place(state) for state in states]
    advancing = all(before < after for before, after in itertools.pairwise([(False, -1), *places]))
    expect(
        "status and progress advance with each poll",
        advancing,
        "each poll further than the one before",
        ", ".join(f"{status(state)} {latest_progress(state).get('progress')}%" for state in states),
    )


@case("TC-203", "Job Polling URL Construction", JOB_POLLING)
def polling_url_construction(target: Target) -> None:
    """The job is found at the url that the client makes of a relative, an absolute or a missing polling_url.

    Without one that is `/jobs/<job_id>`, which is tried unless the target names another place.
    """
    with target.caller() as caller:
        job = caller.create_job(target.jobs, "Where is the job?")
        job_id = job.reply.json["job_id"]
        path = urlsplit(job.url)._replace(scheme="", netloc="").geturl()
        forms = {"relative": {"polling_url": path}, "absolute": {"polling_url": job.url}, "missing": {}}
        urls = {form: polling_url(target.jobs, {"job_id": job_id, **given}) for form, given in forms.items()}
        for form, url in urls.items():
            if form != "missing" or url == job.url:
                expect_equal(f"a {form} polling_url works", caller.poll(url).get("job_id"), job_id)


@case("TC-204", "Job Completion Detection", JOB_POLLING)
def completion_detection(target: Target) -> None:
    """The client stops polling when the job succeeded, after fewer than 10 polls, 1 s apart."""
    conversation = target.request_job("Quick job", poll_interval=1)
    conversation.expect_result()
    expect_equal("the client stops after the job's end", conversation.types[-1], "result")
    polls_by_then = conversation.events[-1].responses - 1
    expect_equal('no polls after "succeeded"', len(conversation.polls), polls_by_then)
    expect("fewer than 10 polls needed", len(conversation.polls) < 10, "at most 9", len(conversation.polls))


def status(state: dict[str, Any]) -> str:
    """The status of a job, by the name that the scenarios use."""
    name = str(state.get("status"))
    return SAME.get(name, name)


def place(state: dict[str, Any]) -> tuple[bool, float]:
    """How far a job is: whether it has ended, then its percentage; a poll without one does not advance."""
    progress = latest_progress(state).get("progress")
    return state.get("status") in ENDED, progress if isinstance(progress, int | float) else -1
