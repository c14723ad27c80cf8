"""What the client gives its caller: one kind of events, whatever pattern the chatbot answered with."""

from __future__ import annotations

import json
from typing import NamedTuple

from foundation.errors import ChatreelError


class ClientEvent(NamedTuple):
    """An event: its type and its data, the raw string (JSON as a rule, but nothing is promised)."""

    type: str
    data: str


class ConversationError(ChatreelError):
    """Ends a conversation; the message is the one of the `error` event."""


STREAM_BROKE = "Stream ended prematurely"

HEARTBEAT = ClientEvent("heartbeat", "{}")


def event(kind: str, data: object) -> ClientEvent:
    """An event with JSON data."""
    return ClientEvent(kind, json.dumps(data, ensure_ascii=False))


def error_event(message: str) -> ClientEvent:
    """The `error` event with a message."""
    return event("error", {"error": message})
