"""Compares two exchanges: what was answered to one request, then and now.

A request that failed where it did not before, or the other way round, is one difference: what else is not the same
follows from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cassettes import model
from cassettes.views import timeline
from comparison.exchange.context import ExchangePair
from comparison.exchange.endings import ending_differences, is_open, is_other_ending, told
from comparison.exchange.head_diff import (
    cookie_differences,
    header_differences,
    status_differences,
    type_differences,
)
from comparison.exchange.stream_diff import Streams
from comparison.exchange.timing import answer_timing
from comparison.result import Difference, Uncompared, shown
from comparison.values.json_values import PlainText, json_text, read, text_of
from foundation.http.headers import Headers, media_type

FAILED = 400
"""The first status that says that a request failed (RFC 9110, 15.5)."""


def exchange_differences(answers: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Everything in which a live answer is not the recorded one, and what could not be compared."""
    recorded, live = answers.recorded.response, answers.live.response
    for name, exchange in (("recording", answers.recorded), ("live recording", answers.live)):
        if exchange.losses:
            yield answers.uncompared(f"the {name} lacks parts of this exchange: {exchange.losses[0].reason}")
            return
    if recorded is None or live is None:
        yield from unanswered(answers)
    elif "status" in answers.rules.aspects and (recorded.status < FAILED) != (live.status < FAILED):
        yield from failure(answers, recorded, live)
    else:
        yield from status_differences(answers, recorded, live)
        yield from type_differences(answers, recorded.headers, live.headers)
        yield from header_differences(answers, recorded.headers, live.headers)
        yield from cookie_differences(answers, recorded.headers, live.headers)
        yield from contents(answers, recorded.headers, live.headers)


def unanswered(answers: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Where one side, or both, has no response at all."""
    for name, exchange in (("recorded", answers.recorded), ("live", answers.live)):
        if exchange.response is None and (is_open(exchange) or exchange.end.how == "error"):
            yield answers.uncompared(f"the {name} request was never answered ({told(exchange.end)})")
            return
    recorded, live = answers.recorded, answers.live
    if recorded.response is None and live.response is None:
        yield from ending_differences(answers)
        return
    before, now = (
        told(exchange.end) if exchange.response is None else f"status {exchange.response.status}"
        for exchange in (recorded, live)
    )
    yield answers.difference("ending", "changed", before, now, "one was answered, the other not")


def failure(answers: ExchangePair, recorded: model.Response, live: model.Response) -> Iterator[Difference]:
    """One status that says failure and one that does not, with what the body says of it."""
    for found in status_differences(answers, recorded, live):
        failed = answers.live if live.status >= FAILED else answers.recorded
        body = " ".join(failed.body[:1000].decode("utf-8", "replace").split())
        why = shown(f"{found.why}: {body}" if body else found.why)
        yield answers.difference("status", "changed", found.recorded, found.live, why)


def contents(answers: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference | Uncompared]:
    """In what the bodies differ; of two types they are not compared, the type tells it."""
    if media_type(recorded) != media_type(live) and "content-type" in answers.rules.aspects:
        yield from ending_differences(answers)
    elif timeline.is_event_stream(answers.recorded) and timeline.is_event_stream(answers.live):
        yield from Streams(answers).differences()
    else:
        yield from ending_differences(answers)
        yield from body_differences(answers)
        yield from answer_timing(answers)


def body_differences(answers: ExchangePair) -> Iterator[Difference | Uncompared]:
    """In what two bodies differ that are no event streams."""
    recorded, live = answers.recorded.body, answers.live.body
    if recorded == live or (is_other_ending(answers) and "ending" in answers.rules.aspects):
        return
    if is_open(answers.recorded) or is_open(answers.live):
        yield answers.uncompared("an answer was left before its end")
        return
    ours, theirs = text_of(recorded), text_of(live)
    if ours is None or theirs is None:
        words = bytes_told(recorded), bytes_told(live)
        yield answers.difference("values", "changed", *words, "the bytes of the body are others")
    else:
        yield from answers.contents(answers.comparer(), read(ours), read(theirs))


def bytes_told(data: bytes) -> str:
    """Bytes for a person."""
    text = text_of(data)
    if text is not None:
        return json_text(PlainText(text))
    return f"{len(data)} bytes, blake2b {hashlib.blake2b(data, digest_size=8).hexdigest()}"
