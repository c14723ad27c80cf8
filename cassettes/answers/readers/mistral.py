"""Mistral's chat completions: OpenAI's, but a content may be a list of texts and thoughts."""

from __future__ import annotations

import re

from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dig, list_at, text_at
from cassettes.answers.readers.openai_chat import OpenAIChat, content_text

MODELS = re.compile(
    r"(?:open-)?(?:mistral|magistral|ministral|codestral|devstral|pixtral|mixtral|voxtral)[\w.-]*"
)


class Mistral(OpenAIChat):
    """Mistral's chat completions, streamed or not."""

    protocol = "mistral"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is a chat completion of a model of Mistral's, or one with thoughts in its content."""
        thinks = any(text_at(part, "type") == "thinking" for part in contents(item))
        return super().recognises(item) and (
            thinks or MODELS.fullmatch(text_at(item.value, "model")) is not None
        )

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add the thoughts, and what OpenAI's reader adds."""
        for part in contents(item):
            builder.add_reasoning(content_text(dig(part, "thinking")))
        super().read(item, builder)


def contents(item: StreamItem) -> list[object]:
    """Return the parts of all contents that are lists."""
    return [
        part
        for choice in list_at(item.value, "choices")
        for part in list_at(choice, "delta", "content") or list_at(choice, "message", "content")
    ]
