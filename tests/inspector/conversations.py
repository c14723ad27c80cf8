"""Conversations with cookies, as the lines of a cassette."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.inspector.recordings import Line, chunk, end, event, request, response, stream

SESSION = "session_id=0f3b9c1e7a52"
JOB = {"job_id": "job_fba3fec76ca3", "status": "running"}
STEPS = [("progress", {"step": f"step {n}", "progress": n * 5}) for n in range(14)] + [
    ("result", {"response": "yes"})
]


def balancer(turn: int) -> str:
    """The load balancer's cookie, another with each answer."""
    return f"AWSALB=aG7kQ{turn}xYz81"


def call(
    number: int,
    at: int,
    target: str,
    answer: Any,
    *,
    method: str = "GET",
    sends: Sequence[str] = (),
    gives: Sequence[str] = (),
    status: int = 200,
) -> list[Line]:
    """An exchange that sends cookies and is given some."""
    head = response(number, at + 2000, status=status, content_type="application/json")
    head["headers"] += [["Set-Cookie", f"{cookie}; Path=/"] for cookie in gives]
    question = sending(request(number, at, method, target), sends)
    return [question, head, chunk(number, at + 4000, json.dumps(answer)), end(number, at + 5000)]


def sending(line: Line, cookies: Sequence[str]) -> Line:
    """A request's line, with cookies."""
    if cookies:
        line["headers"].append(["Cookie", "; ".join(cookies)])
    return line


def lost_job() -> list[Line]:
    """A job whose client loses its cookies after the third exchange, and finds them again for a stream."""
    poll = "/jobs/job_fba3fec76ca3"
    both = [(SESSION, balancer(turn)) for turn in range(3)]
    gone = {"error": "Job not found"}
    return [
        *call(0, 0, "/api/v1/stream?mode=job", JOB, method="POST", gives=(SESSION, balancer(0)), status=202),
        *call(1, 520_000, poll, JOB, sends=both[0], gives=(balancer(1),)),
        *call(2, 1_020_000, poll, JOB, sends=both[1], gives=(balancer(2),)),
        *call(3, 4_020_000, poll, gone, gives=(balancer(8),), status=404),
        *call(4, 34_020_000, poll, gone, gives=(balancer(9),), status=404),
        *steps(5, 36_000_000, STEPS, sends=both[2]),
    ]


def steps(
    number: int,
    at: int,
    events: Sequence[tuple[str, Any]],
    sends: Sequence[str] = (SESSION,),
    how: str = "complete",
) -> list[Line]:
    """A stream of events, one each 200 ms."""
    lines = stream(
        number, at, [(200_000 * (place + 1), event(*one)) for place, one in enumerate(events)], how
    )
    sending(lines[0], sends)
    return lines
