"""The events that the client yields: of one kind, whether the chatbot sent a stream or a job."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from foundation.errors import ChatreelError


class ClientEvent(NamedTuple):
    """An event: its type, and its data as the raw string, which is JSON as a rule."""

    type: str
    data: str


class ConversationError(ChatreelError):
    """Ends a conversation; the message is the one of the `error` event.

    `retry_after` is the number of seconds that an overloaded chatbot asks to wait, if it does.
    """

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


STREAM_BROKE = "Stream ended prematurely"

LONE_SURROGATE = re.compile("[\ud800-\udfff]")

HEARTBEAT = ClientEvent("heartbeat", "{}")

ESSENTIAL = frozenset({"result", "complete", "error"})
"""The types of the events that an answer is lost without, however slow its reader is."""


def event(kind: str, data: object) -> ClientEvent:
    """An event of the type `kind` whose data is encoded as JSON.

    JSON can escape a lone surrogate, which is no character, so that no stream can carry it: it stays escaped.
    """
    text = json.dumps(data, ensure_ascii=False)
    return ClientEvent(kind, LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def error_event(message: str, retry_after: int | None = None) -> ClientEvent:
    """The `error` event with a message, and the seconds to wait before another try where they are known."""
    wait = {} if retry_after is None else {"retry_after": retry_after}
    return event("error", {"error": message, **wait})
