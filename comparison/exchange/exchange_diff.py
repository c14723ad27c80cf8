"""Compares the responses of two exchanges whose requests are the same.

When only one of both requests failed, that is the one difference: all others would follow from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cassettes import model
from cassettes.views import timeline
from comparison.exchange.answer_diff import AnswerPair, comes_in_pieces
from comparison.exchange.ending_diff import end_text, ending_differences, is_open, is_other_ending
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.head_diff import (
    cookie_differences,
    header_differences,
    status_differences,
    type_differences,
)
from comparison.exchange.stream_diff import StreamPair
from comparison.exchange.timing_diff import response_timing
from comparison.result import Difference, Uncompared, shown
from comparison.values.json_values import PlainText, json_text, read, text_of
from foundation.http.headers import Headers, media_type

FIRST_FAILURE = 400
"""The lowest status of a request that failed (RFC 9110, 15.5)."""


def exchange_differences(pair: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Yields all differences between the responses, and what could not be compared."""
    recorded, live = pair.recorded.response, pair.live.response
    for name, exchange in (("recording", pair.recorded), ("live recording", pair.live)):
        if exchange.losses:
            yield pair.uncompared(f"the {name} lacks parts of this exchange: {exchange.losses[0].reason}")
            return
    if recorded is None or live is None:
        yield from missing_response(pair)
    elif "status" in pair.rules.aspects and is_failure(recorded) != is_failure(live):
        yield from failure_difference(pair, recorded, live)
    else:
        yield from status_differences(pair, recorded, live)
        yield from type_differences(pair, recorded.headers, live.headers)
        yield from header_differences(pair, recorded.headers, live.headers)
        yield from cookie_differences(pair, recorded.headers, live.headers)
        yield from content_differences(pair, recorded.headers, live.headers)


def is_failure(response: model.Response) -> bool:
    """Tells by the status of a response whether its request failed."""
    return response.status >= FIRST_FAILURE


def missing_response(pair: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Yields the difference, if there is one, between exchanges of which at least one has no response."""
    for name, exchange in (("recorded", pair.recorded), ("live", pair.live)):
        if exchange.response is None and (is_open(exchange) or exchange.end.how == "error"):
            yield pair.uncompared(f"the {name} request was never answered ({end_text(exchange.end)})")
            return
    if pair.recorded.response is None and pair.live.response is None:
        yield from ending_differences(pair)
    else:
        outcomes = outcome_text(pair.recorded), outcome_text(pair.live)
        yield pair.difference("ending", "changed", *outcomes, "one was answered, the other not")


def outcome_text(exchange: model.Exchange) -> str:
    """Returns the status of an exchange, or how it ended without a response."""
    return end_text(exchange.end) if exchange.response is None else f"status {exchange.response.status}"


def failure_difference(
    pair: ExchangePair, recorded: model.Response, live: model.Response
) -> Iterator[Difference]:
    """Yields the difference that only one request failed, with the beginning of the body of its response."""
    for found in status_differences(pair, recorded, live):
        failed = pair.live if is_failure(live) else pair.recorded
        body = " ".join(failed.body[:1000].decode("utf-8", "replace").split())
        why = shown(f"{found.why}: {body}" if body else found.why)
        yield pair.difference("status", "changed", found.recorded, found.live, why)


def content_differences(
    pair: ExchangePair, recorded: Headers, live: Headers
) -> Iterator[Difference | Uncompared]:
    """Yields the differences in ending, body and timing; bodies whose media types differ are not compared."""
    if media_type(recorded) != media_type(live) and "content-type" in pair.rules.aspects:
        yield from ending_differences(pair)
    elif timeline.is_event_stream(pair.recorded) and timeline.is_event_stream(pair.live):
        yield from AnswerPair(pair).differences() if comes_in_pieces(pair) else StreamPair(pair).differences()
    else:
        yield from ending_differences(pair)
        yield from body_differences(pair)
        yield from response_timing(pair)


def body_differences(pair: ExchangePair) -> Iterator[Difference | Uncompared]:
    """Yields the differences between two bodies that are no event streams."""
    recorded, live = pair.recorded.body, pair.live.body
    if recorded == live or (is_other_ending(pair) and "ending" in pair.rules.aspects):
        return
    if is_open(pair.recorded) or is_open(pair.live):
        yield pair.uncompared("an answer was left before its end")
        return
    recorded_text, live_text = text_of(recorded), text_of(live)
    if recorded_text is None or live_text is None:
        sides = body_text(recorded), body_text(live)
        yield pair.difference("values", "changed", *sides, "the bytes of the body are others")
    else:
        yield from pair.contents(pair.comparer(), read(recorded_text), read(live_text))


def body_text(data: bytes) -> str:
    """Returns a body for a person: as text, or the length and hash of bytes that are none."""
    text = text_of(data)
    if text is not None:
        return json_text(PlainText(text))
    return f"{len(data)} bytes, blake2b {hashlib.blake2b(data, digest_size=8).hexdigest()}"
