"""SSE Streaming: TC-101 to TC-104."""

from __future__ import annotations

import json
import re
from typing import Any, TypeGuard

from chatreel.conformance.case import case
from chatreel.conformance.categories import SSE_STREAMING
from chatreel.conformance.pass_criteria import expect, expect_equal
from chatreel.conformance.target import Target

HISTORY = [
    {"role": "user", "content": "What is the stock market?"},
    {"role": "assistant", "content": "The stock market is..."},
]

ACKNOWLEDGED = re.compile(r'\b(2|two) (\w+ )?messages|history\w*": 2\b|stock market', re.IGNORECASE)
"""The history's length, in words or in the metadata, or its topic, which the question does not name."""


@case("TC-101", "Basic SSE Stream", SSE_STREAMING)
def basic_stream(target: Target) -> None:
    """Four events of progress, the result and the end.

    The steps' names are the mock server's own, and a chatbot may well report more progress than that.
    """
    conversation = target.request_stream("What are the key financial metrics?")
    conversation.expect_result()
    types = conversation.types
    expect(
        "all 6 events received",
        types.count("progress") >= 4 and types[-2:] == ["result", "complete"],
        "4 progress events or more, then result, complete",
        ", ".join(types),
    )
    expect_equal("final progress is 100%", conversation.progress[-1], 100)


@case("TC-102", "SSE with Conversation History", SSE_STREAMING)
def conversation_history(target: Target) -> None:
    """The answer acknowledges the context: it says how long the history is, or takes up its topic.

    What the server logs cannot be seen from here.
    """
    result = target.request_stream("What about the JSE specifically?", HISTORY).expect_result()
    text = json.dumps(result)
    expect(
        "the response acknowledges the context",
        ACKNOWLEDGED.search(text),
        "2 messages of history, or their topic",
        text,
    )


@case("TC-103", "SSE Progress Details", SSE_STREAMING)
def progress_details(target: Target) -> None:
    """At least one progress event has details, which are an object with fields."""
    conversation = target.request_stream("Analyze company XYZ")
    conversation.expect_no_error()
    progress = [event.data for event in conversation.events if event.type == "progress"]
    details = [data["details"] for data in progress if data.get("details") is not None]
    expect("at least one progress event has non-null details", details, "details", progress)
    meaningful = any(isinstance(each, dict) and each for each in details)
    expect("details contain meaningful metadata", meaningful, "an object with fields", details)


@case("TC-104", "SSE Event Ordering", SSE_STREAMING)
def event_ordering(target: Target) -> None:
    """Progress never goes back, and the result comes before the end."""
    conversation = target.request_stream("Test ordering")
    conversation.expect_no_error()
    values = [event.data.get("progress") for event in conversation.events if event.type == "progress"]
    numbers = [value for value in values if is_number(value)]
    expect("there is progress", values, "progress events", conversation.types)
    expect("progress is a number", numbers == values, "numbers", values)
    expect("progress is monotonic", numbers == sorted(numbers), "values that never decrease", values)
    order = [kind for kind in conversation.types if kind in ("result", "complete")]
    expect_equal("the result comes before complete", order, ["result", "complete"])


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
