from __future__ import annotations

import json

import pytest
import requests

from platform_client.client import PlatformClient
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from tests.replayer.faults.recorded_job import events, progress_or_error, recorded

JSON = (("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"))


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


def polls_of(server, created: str, polled: str, times: int):
    """The status, and the body as JSON if there is one, of each poll after the question that creates the job."""
    requests.post(server.url + created, json={}, timeout=20)
    answers = [requests.get(server.url + polled, timeout=20) for _ in range(times)]
    return [(answer.status_code, answer.json() if answer.content else None) for answer in answers]


RESPONSE = {"id": "resp_1", "object": "response", "error": None, "output": []}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [(200, "in_progress"), (200, "in_progress"), (200, "completed")]),
        ("forget-job from-poll=3", [(200, "in_progress"), (200, "in_progress"), (404, None)]),
        ("fail-job at-poll=2", [(200, "in_progress"), (200, "failed"), (200, "failed")]),
        ("stuck-job", [(200, "in_progress")] * 3),
        ("stuck-job at-poll=3", [(200, "in_progress")] * 3),
    ],
)
def test_a_job_of_another_protocol_is_hit_too(replay, make_exchange, line, expected):
    url = "http://bot.example/v1/responses"
    states = [json.dumps(RESPONSE | {"status": word}) for word in ("in_progress", "in_progress", "completed")]
    server = replay(
        make_exchange(
            [(0, json.dumps(RESPONSE | {"status": "queued"}).encode())],
            JSON,
            method="POST",
            url=url,
            body=b"{}",
        ),
        *(make_exchange([(0, state.encode())], JSON, url=f"{url}/resp_1") for state in states),
        options=ReplayOptions(plan=plan_of([line] if line else []), tokens="recorded"),
    )
    found = polls_of(server, "/v1/responses", "/v1/responses/resp_1", 3)
    assert [(status, body.get("status")) for status, body in found] == expected
    failed = [body for _, body in found if body.get("status") == "failed"]
    assert all(body["error"]["code"] == "server_error" and body["output"] == [] for body in failed)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", [(202, None), (202, None), (200, {"answer": "42"})]),
        ("stuck-job at-poll=3", [(202, None)] * 3),
        (
            "fail-job at-poll=2 message=full",
            [(202, None), (500, {"error": "full"}), (500, {"error": "full"})],
        ),
    ],
)
def test_a_job_without_a_word_for_its_status_is_hit_by_status_codes(replay, make_exchange, line, expected):
    where = (("Location", "/queue/job-77f3"), ("Content-Length", "0"))
    server = replay(
        make_exchange([], where, method="POST", url="http://bot.example/ask", body=b"{}", status=202),
        *(
            make_exchange([], where[1:], url="http://bot.example/queue/job-77f3", status=202)
            for _ in range(2)
        ),
        make_exchange([(0, b'{"answer": "42"}')], JSON, url="http://bot.example/queue/job-77f3"),
        options=ReplayOptions(plan=plan_of([line] if line else []), tokens="recorded"),
    )
    assert polls_of(server, "/ask", "/queue/job-77f3", 3) == expected
