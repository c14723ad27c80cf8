"""The events that the client yields: of one kind, whether the chatbot sent a stream or a job."""

from __future__ import annotations

import json
from typing import NamedTuple

from foundation.errors import ChatreelError


class ClientEvent(NamedTuple):
    """An event: its type, and its data as the raw string, which is JSON as a rule."""

    type: str
    data: str


class ConversationError(ChatreelError):
    """Ends a conversation; the message is the one of the `error` event."""


STREAM_BROKE = "Stream ended prematurely"

HEARTBEAT = ClientEvent("heartbeat", "{}")


def event(kind: str, data: object) -> ClientEvent:
    """An event of the type `kind` whose data is encoded as JSON."""
    return ClientEvent(kind, json.dumps(data, ensure_ascii=False))


def error_event(message: str) -> ClientEvent:
    """The `error` event with a message."""
    return event("error", {"error": message})
