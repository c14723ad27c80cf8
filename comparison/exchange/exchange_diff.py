"""Compares two exchanges: what was answered to one request, then and now.

A request that failed where it did not before, or the other way round, is one difference: what else is not the same
follows from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cassettes import model
from cassettes.views import timeline
from comparison.exchange.ending_diff import end_text, ending_differences, is_open, is_other_ending
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.head_diff import (
    cookie_differences,
    header_differences,
    status_differences,
    type_differences,
)
from comparison.exchange.stream_diff import StreamPair
from comparison.exchange.timing_diff import answer_timing
from comparison.result import Difference, Uncompared, shown
from comparison.values.json_values import PlainText, json_text, read, text_of
from foundation.http.headers import Headers, media_type

FAILED = 400
"""The first status that says that a request failed (RFC 9110, 15.5)."""


def exchange_differences(pair: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Everything in which a live answer is not the recorded one, and what could not be compared."""
    recorded, live = pair.recorded.response, pair.live.response
    for name, exchange in (("recording", pair.recorded), ("live recording", pair.live)):
        if exchange.losses:
            yield pair.uncompared(f"the {name} lacks parts of this exchange: {exchange.losses[0].reason}")
            return
    if recorded is None or live is None:
        yield from unanswered(pair)
    elif "status" in pair.rules.aspects and (recorded.status < FAILED) != (live.status < FAILED):
        yield from failure(pair, recorded, live)
    else:
        yield from status_differences(pair, recorded, live)
        yield from type_differences(pair, recorded.headers, live.headers)
        yield from header_differences(pair, recorded.headers, live.headers)
        yield from cookie_differences(pair, recorded.headers, live.headers)
        yield from contents(pair, recorded.headers, live.headers)


def unanswered(pair: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Where one side, or both, has no response at all."""
    for name, exchange in (("recorded", pair.recorded), ("live", pair.live)):
        if exchange.response is None and (is_open(exchange) or exchange.end.how == "error"):
            yield pair.uncompared(f"the {name} request was never answered ({end_text(exchange.end)})")
            return
    recorded, live = pair.recorded, pair.live
    if recorded.response is None and live.response is None:
        yield from ending_differences(pair)
        return
    before, now = (
        end_text(exchange.end) if exchange.response is None else f"status {exchange.response.status}"
        for exchange in (recorded, live)
    )
    yield pair.difference("ending", "changed", before, now, "one was answered, the other not")


def failure(pair: ExchangePair, recorded: model.Response, live: model.Response) -> Iterator[Difference]:
    """One status that says failure and one that does not, with what the body says of it."""
    for found in status_differences(pair, recorded, live):
        failed = pair.live if live.status >= FAILED else pair.recorded
        body = " ".join(failed.body[:1000].decode("utf-8", "replace").split())
        why = shown(f"{found.why}: {body}" if body else found.why)
        yield pair.difference("status", "changed", found.recorded, found.live, why)


def contents(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference | Uncompared]:
    """In what the bodies differ; of two types they are not compared, the type tells it."""
    if media_type(recorded) != media_type(live) and "content-type" in pair.rules.aspects:
        yield from ending_differences(pair)
    elif timeline.is_event_stream(pair.recorded) and timeline.is_event_stream(pair.live):
        yield from StreamPair(pair).differences()
    else:
        yield from ending_differences(pair)
        yield from body_differences(pair)
        yield from answer_timing(pair)


def body_differences(pair: ExchangePair) -> Iterator[Difference | Uncompared]:
    """In what two bodies differ that are no event streams."""
    recorded, live = pair.recorded.body, pair.live.body
    if recorded == live or (is_other_ending(pair) and "ending" in pair.rules.aspects):
        return
    if is_open(pair.recorded) or is_open(pair.live):
        yield pair.uncompared("an answer was left before its end")
        return
    ours, theirs = text_of(recorded), text_of(live)
    if ours is None or theirs is None:
        words = bytes_text(recorded), bytes_text(live)
        yield pair.difference("values", "changed", *words, "the bytes of the body are others")
    else:
        yield from pair.contents(pair.comparer(), read(ours), read(theirs))


def bytes_text(data: bytes) -> str:
    """Bytes for a person."""
    text = text_of(data)
    if text is not None:
        return json_text(PlainText(text))
    return f"{len(data)} bytes, blake2b {hashlib.blake2b(data, digest_size=8).hexdigest()}"
