from __future__ import annotations

import pytest

from cassettes.model import RecordingExchange, Request
from replayer.matching.distance import distance
from replayer.matching.matcher import EVERYTHING, Match

STREAM = "http://h/api/v1/stream"


def request(method: str, url: str, body: str = "") -> Request:
    return Request(
        exchange=RecordingExchange(0),
        at=0,
        method=method,
        url=url,
        http="1.1",
        headers=(),
        body=body.encode(),
    )


def question(query: str, **more: object) -> Request:
    fields = "".join(f', "{name}": {value}' for name, value in more.items())
    return request("POST", STREAM, f'{{"query": "{query}"{fields}}}')


@pytest.mark.parametrize(
    ("missed", "nearer", "farther"),
    [
        (question("Other words", a=1, b=2), question("What is it?"), request("GET", "http://h/health")),
        (question("Hello there"), question("Hello"), question("What are the key metrics?")),
        (question("Hello", a=1), question("Hello", a=2), question("Hallo", a=2)),
        (question("Hello"), question("Hello", a=1), question("Hello", a=1, b=2)),
        (request("GET", "http://h/jobs/job_12"), request("GET", "http://h/jobs/job_7"), request("GET", "http://h/health")),
        (request("GET", "http://h/api/v2/x"), request("GET", "http://h/api/v1/x"), request("PUT", "http://h/api/v2/x")),
        (request("PUT", "http://h/a?x=1"), request("POST", "http://h/a?x=2"), request("POST", "http://h/elsewhere?x=1")),
        (request("GET", "http://h/a?x=1&y=1"), request("GET", "http://h/a?x=1&y=2"), request("GET", "http://h/a")),
    ],
)  # fmt: skip
def test_what_is_nearer(missed: Request, nearer: Request, farther: Request) -> None:
    near, far = (distance(EVERYTHING.differences(missed, recorded)) for recorded in (nearer, farther))
    assert (0, 0) < near < far


def test_the_same_request_is_not_far() -> None:
    assert distance(EVERYTHING.differences(question("a"), question("a"))) == (0, 0)


def test_what_is_not_compared_does_not_count() -> None:
    body_only = Match(parts=frozenset({"body"}))
    found = body_only.differences(question("a"), request("PUT", "http://h/x", '{"query": "a"}'))
    assert distance(found) == (0, 0)
