"""Recordings as they are and with one change made to them, for tests."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from cassettes.file.reader import Cassette
from cassettes.framings.event import Event
from cassettes.framings.sse import encode
from cassettes.model import Chunk, End, Exchange, Request, Response
from cassettes.samples import resolve
from cassettes.views import timeline
from comparison.compare import compare
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.result import Comparison
from comparison.rules.comparison_rules import STRICT, ComparisonRules
from foundation.http.headers import Headers
from replayer.selection.token_minting import mint
from tests.cassettes.talk import Talk

SECOND = 1_000_000


def sample(name: str) -> Talk:
    """A sample that ships with the package."""
    with Cassette.open(resolve(name)) as cassette:
        return Talk(cassette.exchanges())


def compared(recorded: Talk, live: Talk, rules: ComparisonRules = STRICT) -> Comparison:
    return compare(RecordedSessions.of(recorded), RecordedSessions.of(live), rules)


def differences_of(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Each difference in short."""
    assert not comparison.uncompared
    return [(one.aspect, one.change, one.pointer) for one in comparison.differences]


def stream(
    events: Sequence[Event],
    *,
    how: str = "complete",
    headers: Headers = (),
    status: int = 200,
    gap: int = SECOND,
) -> Talk:
    """One question, answered by a stream with an event in each chunk, `gap` microseconds apart or as each says."""
    kind = (("Content-Type", "text/event-stream"), *headers)
    times = [event.at or place * gap for place, event in enumerate(events)]
    last = times[-1] if times else 0
    body = json.dumps({"query": "hi"}).encode()
    return Talk(
        [
            Exchange(
                number=0,
                request=Request(
                    exchange=0,
                    at=0,
                    method="POST",
                    url="http://bot/api/v1/stream",
                    http="1.1",
                    headers=(),
                    body=body,
                ),
                response=Response(exchange=0, at=1000, status=status, reason="OK", headers=kind),
                chunks=tuple(
                    Chunk(exchange=0, at=2000 + at, data=encode(event))
                    for at, event in zip(times, events, strict=True)
                ),
                end=End(exchange=0, at=3000 + last, how=how),
            )
        ]
    )


def event(kind: str, at: int = 0, **data: Any) -> Event:
    return Event(type=kind, data=json.dumps(data), at=at)


def events_of(talk: Talk, number: int = 0) -> list[Event]:
    """The events of an exchange."""
    return list(timeline.events(talk.exchange(number)))


def with_events(talk: Talk, events: Sequence[Event], number: int = 0) -> Talk:
    """The talk, one of its streams with other events, each at its time."""
    chunks = tuple(Chunk(exchange=number, at=one.at, data=encode(one)) for one in events)
    return with_exchange(talk, number, chunks=chunks)


def with_exchange(talk: Talk, number: int, **fields: Any) -> Talk:
    """The talk, one exchange with other fields."""
    exchanges = list(talk.exchanges)
    exchanges[number] = replace(exchanges[number], **fields)
    return Talk(exchanges)


def with_response(talk: Talk, number: int = 0, **fields: Any) -> Talk:
    response = talk.exchange(number).response
    assert response is not None
    return with_exchange(talk, number, response=replace(response, **fields))


def with_json(talk: Talk, number: int, change: Callable[[Any], Any]) -> Talk:
    """The talk, the JSON body of one exchange changed in place, or replaced by what the change gives."""
    exchange = talk.exchange(number)
    value = json.loads(exchange.body)
    new = change(value)
    data = json.dumps(value if new is None else new).encode()
    return with_exchange(talk, number, chunks=(replace(exchange.chunks[0], data=data),))


def without(talk: Talk, numbers: Iterable[int]) -> Talk:
    """The talk without some of its exchanges, the others counted anew."""
    left_out = set(numbers)
    kept = [one for one in talk.exchanges if one.number not in left_out]
    return Talk(replace(one, number=place) for place, one in enumerate(kept))


TOKEN = re.compile(
    r"job_[0-9a-f]{16}|(?<=session_id=)[0-9a-f-]{36}|(?<=AWSALB=)[^;\"]+|(?<=AWSALBCORS=)[^;\"]+"
)
TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}|\d\d Nov 2026 \d\d:\d\d:\d\d")


def reminted(talk: Talk, seed: int = 1) -> Talk:
    """The talk as another client of the same chatbot would have it: other tokens, other times, another origin."""
    drawn = random.Random(seed)  # noqa: S311 - a test needs the same ones each time

    def text(old: str) -> str:
        new = TOKEN.sub(lambda found: mint(found[0], seed=seed, session=0, attempt=0), old)
        new = TIMES.sub(
            lambda found: re.sub(r"(\d\d:\d\d):\d\d", rf"\1:{drawn.randrange(10, 60)}", found[0]), new
        )
        return re.sub(r"http://127\.0\.0\.1:\d+", f"http://127.0.0.1:{5000 + seed}", new)

    def headers(old: Headers) -> Headers:
        return tuple((name, text(value)) for name, value in old)

    return Talk(
        replace(
            one,
            request=replace(
                one.request,
                url=text(one.request.url),
                headers=headers(one.request.headers),
                body=text(one.request.body.decode()).encode(),
            ),
            response=one.response and replace(one.response, headers=headers(one.response.headers)),
            chunks=tuple(replace(chunk, data=text(chunk.data.decode()).encode()) for chunk in one.chunks),
        )
        for one in talk.exchanges
    )
