"""A conversation that cases look at: the events that the platform's client gave, and the responses behind them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import requests

from chatreel.conformance.pass_criteria import expect
from platform_client.events import ClientEvent


class Arrival(NamedTuple):
    """An event, its data as a JSON object (empty when it is none), and when it arrived.

    `at` is in microseconds of the clock; `responses` is how many responses there were by then.
    """

    type: str
    data: dict[str, Any]
    at: int
    responses: int


@dataclass
class CheckedConversation:
    """One query and its events. `responses` are the HTTP responses: the first one, then one for each poll."""

    arrivals: list[Arrival] = field(default_factory=list)
    responses: list[requests.Response] = field(default_factory=list)

    def add(self, event: ClientEvent, now: int) -> None:
        """Add an event that arrived at the time `now`, in microseconds."""
        self.arrivals.append(Arrival(event.type, json_object(event.data), now, len(self.responses)))

    @property
    def status(self) -> int:
        """The status of the first response; 0 when there was none."""
        return self.responses[0].status_code if self.responses else 0

    @property
    def events(self) -> list[Arrival]:
        """The events without heartbeats, which may come at any time."""
        return [arrival for arrival in self.arrivals if arrival.type != "heartbeat"]

    @property
    def types(self) -> list[str]:
        """The types of the events without heartbeats."""
        return [event.type for event in self.events]

    @property
    def polls(self) -> list[requests.Response]:
        """The responses after the first one, which are those to polls."""
        return self.responses[1:]

    @property
    def progress(self) -> list[Any]:
        """The percentages of the progress events, in their order."""
        return [event.data.get("progress") for event in self.events if event.type in ("progress", "complete")]

    def first(self, kind: str) -> Arrival | None:
        """The first event of this type; None when there is none."""
        return next((event for event in self.events if event.type == kind), None)

    def error(self) -> Any:
        """The message of the first error event; None when there is none."""
        error = self.first("error")
        return None if error is None else error.data.get("error", error.data)

    def expect_no_error(self) -> None:
        """Raise Unmet when there was an error event."""
        expect("no errors", self.first("error") is None, "no error event", self.error())

    def expect_result(self) -> dict[str, Any]:
        """The data of the result, which has a response text. Raises Unmet when there is none."""
        self.expect_no_error()
        result = self.first("result")
        expect("a result arrives", result is not None, "a result event", self.types)
        assert result is not None
        text = result.data.get("response")
        expect("the result contains the response", isinstance(text, str) and text, "a text", text)
        return result.data


def json_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object that a text is; an empty one when it is anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
