"""The JSON body of `POST /api/v1/stream`."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True):
    """One earlier message of the conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


class ChatRequest(msgspec.Struct, frozen=True):
    """The body with its defaults; fields that the contract does not name are ignored."""

    query: str = ""
    conversation_history: tuple[Message, ...] = ()
    auto_load_documents: bool = True
    memory_enabled: bool = True


def parse(body: bytes) -> ChatRequest:
    """Decode a body. Raises ValueError, which says what is wrong, when it is not an object of the right types."""
    try:
        return msgspec.json.decode(body, type=ChatRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"the body must be a JSON object of the contract: {error}") from error
