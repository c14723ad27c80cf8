"""What redaction costs an exchange when every response sets another cookie, with few known values and with many.

Load balancers do that (AWSALB). Each cookie is a value that is followed to other places, so the search for known values
grows with each exchange; its cost should not. The cost is the writer's CPU time, without assembly and the file.
"""

from __future__ import annotations

import base64
import random
import time
from collections.abc import Iterator

from rich.table import Table

from benchmarks.result_tables import MeasureRow, show, table
from cassettes.model import AnyRecord, Chunk, End, RecordingExchange, Request, Response
from cassettes.redaction.redactor import Redactor

FEW, MANY = 500, 20_000
MEASURED = 500
"""Exchanges over which the cost is averaged."""

EVENTS = 5
EVENT = b'event: progress\ndata: {"step": "reading", "message": "working on it", "progress": 10}\n\n'
SSE = ("Content-Type", "text/event-stream")


def run(few: int = FEW, many: int = MANY, measured: int = MEASURED) -> Table:
    """Measure the exchanges behind `few` and behind `many` known cookies."""
    redactor = Redactor(key=bytes(32))
    costs: list[float] = []
    cookies = rotating(random.Random(1))  # noqa: S311 - these are no secrets
    previous = next(cookies)
    for number in range(many + 1):
        cookie = next(cookies)
        records = exchange(RecordingExchange(number), previous, cookie)
        began = time.process_time()
        for record in records:
            redactor.feed([record])
        costs.append(time.process_time() - began)
        previous = cookie
    row = MeasureRow(
        "an exchange (us)",
        [1e6 * sum(costs[many - measured : many]) / measured],
        [1e6 * sum(costs[few : few + measured]) / measured],
        "1.5",
    )
    return table("Redaction of rotating cookies", f"after {many}", f"after {few}", [row])


def rotating(source: random.Random) -> Iterator[str]:
    """Yield cookies as load balancers set them."""
    while True:
        yield base64.b64encode(source.randbytes(96)).decode()


def exchange(number: RecordingExchange, sent: str, cookie: str) -> list[AnyRecord]:
    """The records of an exchange that sends a cookie and gets another."""
    headers = (SSE, ("Set-Cookie", f"AWSALB={cookie}; Path=/"))
    return [
        Request(exchange=number, at=0, method="GET", url="http://h/stream", http="1.1",
                headers=(("Cookie", f"AWSALB={sent}"),)),
        Response(exchange=number, at=0, status=200, reason="OK", headers=headers),
        *(Chunk(exchange=number, at=0, data=EVENT) for _ in range(EVENTS)),
        End(exchange=number, at=0, how="complete"),
    ]  # fmt: skip


if __name__ == "__main__":
    show([run()])
