from __future__ import annotations

import json

import requests

from platform_client.client import PlatformClient
from tests.scenarios.stage import Stage, on

STATUS = ("-w", "\n%{http_code}")


@on("chatbot", "replay")
def test_tc_401_simulated_processing_error(stage: Stage) -> None:
    said = stage.client("/error", "This will fail")
    assert said.blocks() == [
        ("PROGRESS", {"step": "initializing", "message": "Starting...", "progress": 10}),
        ("ERROR", {"error": "Simulated processing error: Document retrieval failed"}),
    ]
    assert "SUMMARY\nTotal events received: 2\nResult found: False\nError occurred: True\n" in said.out
    assert said.code == 1


@on("chatbot", "replay")
def test_tc_402_job_failure(stage: Stage) -> None:
    job = stage.create_job()["job_id"]
    stage.curl(f"/jobs/{job}/fail", "-X", "POST", "-b", "cookies.txt")
    answer = json.loads(stage.curl(f"/jobs/{job}", "-b", "cookies.txt"))
    assert answer["status"] == "failed"
    assert answer["error"] == "Manually failed for testing purposes"
    assert answer["latest_progress"]


@on("chatbot", "replay")
def test_tc_402_the_client_emits_an_error_event(stage: Stage) -> None:
    polled: list[str] = []
    with PlatformClient(f"{stage.stream}?mode=job", poll_interval=0.1) as client:
        client.session.hooks["response"] = [lambda response, **_: polled.append(response.url)]
        events = client.send("test")
        assert next(events).type == "progress"
        requests.post(f"{polled[-1]}/fail", cookies=client.session.cookies.copy(), timeout=10)
        *_, last = events
    assert (last.type, json.loads(last.data)) == ("error", {"error": "Manually failed for testing purposes"})


@on("chatbot", "replay")
def test_tc_403_invalid_request_payload(stage: Stage) -> None:
    body, status = stage.post("/api/v1/stream", '{"invalid": "payload"}', *STATUS).rsplit("\n", 1)
    assert status == "200"
    assert 'this is what I found about \\"\\"' in body  # the query is the empty string
    body, status = stage.post("/api/v1/stream", "not valid json", *STATUS).rsplit("\n", 1)
    assert status == "400"
    assert json.loads(body)["error"].startswith("the body must be a JSON object")


@on("chatbot", "replay")
def test_tc_404_job_not_found(stage: Stage) -> None:
    body, status = stage.curl("/jobs/invalid_job_id", *STATUS).rsplit("\n", 1)
    assert status == "404"
    assert json.loads(body) == {"error": "Job not found"}
