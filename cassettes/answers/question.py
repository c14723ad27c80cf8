"""Finds what a person asked in the body of a request, where it is one to a chatbot."""

from __future__ import annotations

from typing import Any

from cassettes import model
from cassettes.answers.digging import decoded, dict_at, dig, list_at, text_at
from cassettes.answers.readers.openai_chat import content_text

PLACES = ("query", "question", "prompt", "input", "inputs", "message", "inputText", "text", "content")
"""Keys of an object under which a question stands as a text, the likelier ones first."""

LISTS = ("messages", "input", "contents", "message")
"""Keys under which a conversation stands as a list, whose last message of the user is the question."""

INSIDE = (("input",), ("params", "message"), ("params", "arguments"), ("inputs",))
"""Objects in which some protocols have all this."""


def question_of(request: model.Request) -> str:
    """Return the question that a request asks, "" where it has none."""
    body = decoded(request.body) if request.body else None
    return next(
        (found for value in (body, *(dig(body, *way) for way in INSIDE)) if (found := asked(value))), ""
    )


def asked(value: Any) -> str:
    """Return the question in an object: the last message of the user in a list, or else a text in a usual place."""
    for name in LISTS:
        for message in reversed(list_at(value, name)):
            if text_at(message, "role") in {"user", "human"} or text_at(message, "type") in {
                "human",
                "HumanMessage",
            }:
                return message_text(message)
    if parts := list_at(value, "parts"):
        return "".join(text_at(part, "text") for part in parts)
    return next((text for name in PLACES if (text := text_at(value, name))), "")


def message_text(message: Any) -> str:
    """Return the text of a message, in whatever parts it is."""
    parts = list_at(message, "parts")
    return content_text(dict_at(message).get("content")) or "".join(text_at(part, "text") for part in parts)
