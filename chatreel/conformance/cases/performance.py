"""Performance & Timeouts: TC-501 to TC-504."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, permutations

from chatreel.conformance.case import case
from chatreel.conformance.categories import PERFORMANCE
from chatreel.conformance.checked_conversation import CheckedConversation
from chatreel.conformance.pass_criteria import Skipped, expect, expect_equal
from chatreel.conformance.target import HEARTBEAT_AFTER, Target
from foundation.clock import SECOND


@case("TC-501", "Polling Timeout", PERFORMANCE, waits=30)
def polling_timeout(target: Target) -> None:
    """With three polls in 30 s the client gives up and says so. A job that is done by then shows nothing."""
    conversation = target.request_job("Long running job", poll_interval=10, max_poll_time=30)
    if conversation.first("result") is not None:
        raise Skipped("the job was done before three polls, so there was nothing to time out")
    expect_equal("a timeout error is emitted", conversation.error(), "Job polling timeout exceeded")
    expect_equal("the client stops after max polls", len(conversation.polls), 3)


@case("TC-502", "Slow Response Handling", PERFORMANCE, waits=150)
def slow_response(target: Target) -> None:
    """A silence of 150 s ends with `complete`, or with an error event: the client survives both."""
    conversation = target.request_stream("Slow response", endpoint="/timeout")
    expect(
        "the client handles it gracefully",
        conversation.types[-1:] in (["complete"], ["result"], ["error"]),
        "an end: complete, result or error",
        ", ".join(conversation.types),
    )


@case("TC-503", "Concurrent Requests", PERFORMANCE)
def concurrent_requests(target: Target) -> None:
    """Three clients at once: each gets its whole answer, and none gets another's question in it."""
    queries = ["Request 1", "Request 2", "Request 3"]
    with ThreadPoolExecutor(len(queries)) as pool:
        conversations = dict(zip(queries, pool.map(target.request_stream, queries), strict=True))
    for query, conversation in conversations.items():
        expect_equal(f"no server error for {query}", conversation.status, 200)
        conversation.expect_result()
        expect_equal(f"{query} gets a complete response", conversation.types.count("result"), 1)
    for query, other in permutations(queries, 2):
        text = json.dumps([event.data for event in conversations[query].events])
        expect(
            "responses are independent (not mixed)", other not in text, f"nothing of {other} in {query}", text
        )


@case("TC-504", "Heartbeat Mechanism", PERFORMANCE, waits=130)
def heartbeat(target: Target) -> None:
    """The stream outlives a silence of 130 s; where it was longer than 120 s, the client emitted a heartbeat.

    A target that plays faster than it should is not silent for so long.
    """
    conversation = target.request_stream("Slow stream", endpoint="/slow")
    conversation.expect_result()
    heartbeats = [arrival for arrival in conversation.arrivals if arrival.type == "heartbeat"]
    silence = longest_silence(conversation)
    expect(
        "the client gets a heartbeat after 120 s of silence",
        heartbeats or silence < target.seconds(HEARTBEAT_AFTER + 5) * SECOND,
        "a heartbeat",
        f"none in {silence / SECOND:.3f} s",
    )


def longest_silence(conversation: CheckedConversation) -> int:
    """The longest time without any event but heartbeats, in microseconds."""
    times = [event.at for event in conversation.events]
    return max((after - before for before, after in pairwise(times)), default=0)
