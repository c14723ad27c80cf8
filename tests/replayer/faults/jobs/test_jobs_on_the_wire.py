from __future__ import annotations

import json

import pytest

from platform_client.client import PlatformClient
from tests.replayer.faults.recorded_job import events, progress_or_error, recorded


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("fail-job", [25, "Job failed"]),
        ("fail-job at-poll=2 message='No model is free'", [25, 50, "No model is free"]),
        ("fail-job at-poll=9", [25, 50, 75, 100, "result"]),
        ("regress-job at-poll=2", [25, 0, 75, 100, "result"]),
        ("lose-field pointer=/job_id", ["Invalid job response: missing job_id"]),
        ("lose-field pointer=/polling_url", [25, 50, 75, 100, "result"]),
        ("lose-field pointer=/latest_progress", ["result"]),
        (
            "lose-field pointer=/result",
            [25, 50, 75, 100, "Job polling error: the job finished without a result"],
        ),
        ("lose-field pointer=/status nth=5", [25, 50, 75, 100, 100, "result"]),
    ],
)
def test_the_platform_gets(replay, line, expected):
    assert progress_or_error(events(replay(*recorded(), faults=[line]))) == expected


@pytest.mark.parametrize(("line", "percent"), [("stuck-job at-poll=2", 50), ("stuck-job at-poll=4", 99)])
def test_stuck_job_is_polled_until_the_platform_gives_up(replay, line, percent):
    server = replay(*recorded(), faults=[line])
    found = progress_or_error(events(server, poll_interval=0.01, max_poll_time=0.08))
    before = [25, 50, 75][: 1 if percent == 50 else 3]
    assert found == [*before, *[percent] * (8 - len(before)), "Job polling timeout exceeded"]


def test_lose_field_leaves_it_out_of_the_events_of_a_stream(replay):
    server = replay(*recorded("stream"), faults=["lose-field pointer=/response type=result"])
    with PlatformClient(server.url + "/api/v1/stream") as client:
        found = list(client.send("What are the key financial metrics?"))
    result = next(json.loads(event.data) for event in found if event.type == "result")
    assert "response" not in result
    assert "sources" in result
