"""The cassette of the inspector's pictures: two conversations, a job that is done, and one that loses its session."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SECOND = 1_000_000
ORIGIN = "http://chatbot.example.org"
HEADER = {"chatreel": 1, "created": "2026-11-22T14:11:04Z", "recorder": "chatreel", "upstream": ORIGIN}
RANDOM = random.Random(6)  # noqa: S311 - the same picture each time

type Line = dict[str, Any]
type Headers = Sequence[tuple[str, str]]


def write(path: Path) -> None:
    """Write the cassette to `path`; its contents are the same each time."""
    numbers = iter(range(1000))
    anna, bert, carl, dora = (f"{RANDOM.getrandbits(64):016x}" for _ in range(4))
    lines = [
        *stream(next(numbers), 0, anna, answer(stall=31.4)),
        *job(numbers, 6, bert, [5, 20, 35, 50, 65, 80, 95, 100], lost=None),
        *job(numbers, 30, carl, [10, 25, 40, 55], lost=4),
        *stream(next(numbers), 58, anna, answer(stall=1.2)),
        *stream(next(numbers), 64, dora, answer(stall=0.4)),
    ]
    ordered = sorted(lines, key=lambda line: line["at"])
    path.write_text(
        "".join(json.dumps(line) + "\n" for line in [HEADER, *renumbered(ordered)]), encoding="utf-8"
    )


def renumbered(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with their exchanges numbered in the order in which they began."""
    places: dict[int, int] = {}
    for line in lines:
        yield line | {"exchange": places.setdefault(line["exchange"], len(places))}


def answer(*, stall: float) -> list[tuple[float, str]]:
    """The events of a stream with one wait of `stall` seconds; each with its time in seconds."""
    at = 0.02
    events = [(at, event("progress", step="initializing", message="Reading the question...", progress=5))]
    for option in ("annual report", "quarterly figures", "market overview", "news", "history"):
        at += RANDOM.uniform(0.1, 0.5)
        events.append((at, event("thought", text=f"Look at the {option}", weight=round(RANDOM.random(), 3))))
    for _ in range(9):
        at += 1.0
        events.append((at, event("heartbeat")))
    details = {"documents_found": 12, "sources": ["Annual Report 2023", "Q3 Financial Statement"]}
    at += 0.3
    events.append(
        (at, event("progress", step="loading", message="Loading documents...", progress=40, details=details))
    )
    at += stall
    events.append((at, event("progress", step="writing", message="Writing the answer...", progress=75)))
    for word in range(140):
        at += RANDOM.uniform(0.01, 0.09)
        events.append((at, event("text", delta=f"word {word} ")))
    if stall > 5:
        events.append((at + 0.3, event("error", error="The model was overloaded; trying again")))
    result = {
        "response": "Revenue grew by 8.2 %.",
        "sources": [{"type": "document", "title": "Annual Report 2023", "page": 42}],
    }
    return [
        *events,
        (at + 0.9, event("result", **result)),
        (at + 0.95, event("complete", progress=100, step="complete")),
    ]


def event(name: str, **data: Any) -> str:
    """An event as it is sent in a stream."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def stream(number: int, second: float, session: str, events: Sequence[tuple[float, str]]) -> list[Line]:
    """The lines of an exchange whose response is a stream."""
    body = json.dumps({"query": "What are the key financial metrics?", "conversation_history": []})
    cookie = [("Set-Cookie", f"session_id={session}; HttpOnly; Path=/; SameSite=Lax")]
    return exchange(
        number, second, "POST", "/api/v1/stream", 200, cookie, events, body=body, kind="text/event-stream"
    )


def job(
    numbers: Iterator[int], second: float, session: str, reported: Sequence[int], *, lost: int | None
) -> list[Line]:
    """The lines of a job: a poll for each percentage that is reported.

    With `lost`, the client has no cookies from that poll on, and gets 404.
    """
    name = f"job_{RANDOM.getrandbits(48):012x}"
    first = {"job_id": name, "status": "pending", "polling_url": f"/jobs/{name}"}
    balance = stickiness()
    cookies = [("Set-Cookie", f"session_id={session}; Path=/"), ("Set-Cookie", f"AWSALB={balance}; Path=/")]
    lines = exchange(
        next(numbers), second, "POST", "/api/v1/stream?mode=job", 202, cookies, [(0.004, json.dumps(first))]
    )
    for count, progress in enumerate([*reported, *([0, 0] if lost is not None else [])]):
        second += 2.0
        gone = lost is not None and count >= lost
        sent = [] if gone else [("Cookie", f"session_id={session}; AWSALB={balance}")]
        balance = stickiness()
        state = {"error": "Job not found"} if gone else state_of(name, progress)
        cookies = [("Set-Cookie", f"AWSALB={balance}; Path=/")]
        chunks = [(0.003, json.dumps(state))]
        lines += exchange(
            next(numbers), second, "GET", f"/jobs/{name}", 404 if gone else 200, cookies, chunks, sent=sent
        )
    return lines


def stickiness() -> str:
    """A new value of a load balancer's cookie."""
    return f"{RANDOM.getrandbits(160):040x}"


def state_of(name: str, progress: int) -> dict[str, Any]:
    """The JSON object of a poll's response."""
    steps = ("initializing", "loading_documents", "analyzing", "generating_response", "complete")
    step = {
        "step": steps[progress // 25],
        "message": f"{progress} % of the documents are read",
        "progress": progress,
    }
    done = progress == 100
    result = {"response": "Revenue grew by 8.2 %."} if done else None
    return {
        "job_id": name,
        "status": "succeeded" if done else "running",
        "latest_progress": step,
        "result": result,
    }


def exchange(
    number: int, second: float, method: str, target: str, status: int, headers: Headers,
    chunks: Sequence[tuple[float, str]], *, body: str = "", kind: str = "application/json", sent: Headers = (),
) -> list[Line]:  # fmt: skip
    """The lines of an exchange; times are seconds."""

    def line(what: str, after: float, **fields: Any) -> Line:
        return {"kind": what, "exchange": number, "at": round((second + after) * SECOND), **fields}

    reason = {200: "OK", 202: "Accepted", 404: "Not Found"}[status]
    request_headers = [("Host", "chatbot.example.org"), ("Content-Type", "application/json"), *sent]
    return [
        line(
            "request", 0, method=method, url=ORIGIN + target, http="1.1", headers=request_headers, body=body
        ),
        line("response", 0.002, status=status, reason=reason, headers=[("Content-Type", kind), *headers]),
        *(line("chunk", after, data=data) for after, data in chunks),
        line("end", chunks[-1][0] + 0.0004, how="complete"),
    ]
