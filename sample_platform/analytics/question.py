"""What the page asks: the JSON body of `POST /analytics/chat/stream`."""

from __future__ import annotations

import uuid
from typing import Any, Literal

import msgspec


class EarlierMessage(msgspec.Struct, frozen=True):
    """One earlier message of the conversation."""

    role: Literal["user", "assistant"]
    content: str


class PageQuestion(msgspec.Struct, frozen=True):
    """The body with its defaults; without a `chat_session_id` a new session begins."""

    query: str = ""
    conversation_history: tuple[EarlierMessage, ...] = ()
    auto_load_documents: bool = True
    memory_enabled: bool = True
    chat_session_id: uuid.UUID | None = None

    @property
    def payload(self) -> dict[str, Any]:
        """The JSON body of the request to the chatbot."""
        body: dict[str, Any] = msgspec.to_builtins(self)
        del body["chat_session_id"]
        return body


def parse(body: bytes) -> PageQuestion:
    """Read a body. Raises ValueError with what is wrong when it is no JSON object of the right types."""
    try:
        return msgspec.json.decode(body, type=PageQuestion)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"the body must be a JSON object of the contract: {error}") from error
