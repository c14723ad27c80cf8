"""Gemini's `generateContent` and `streamGenerateContent`, as server-sent events or as one JSON array."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at


class Gemini(AnswerReader):
    """Candidates of Gemini and Vertex AI; the first one is read."""

    protocol = "gemini"

    def __init__(self) -> None:
        self._calls = 0

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it has candidates with a content of parts, or says why the prompt was blocked."""
        candidate = dig(item.value, "candidates", 0)
        has_parts = isinstance(dig(candidate, "content", "parts"), list)
        finished = isinstance(dig(candidate, "finishReason"), str)
        return has_parts or finished or isinstance(dig(item.value, "promptFeedback", "blockReason"), str)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add the parts of the first candidate; the one with a reason to finish is the last."""
        value = item.value
        candidate = dict_at(value, "candidates", 0)
        builder.name_model(value, "modelVersion")
        builder.count(dict_at(value, "usageMetadata"))
        builder.fail(error_at(value, "error") or text_at(value, "promptFeedback", "blockReason"))
        for part in list_at(candidate, "content", "parts"):
            self._part(part, builder)
        for chunk in list_at(candidate, "groundingMetadata", "groundingChunks"):
            builder.cite(title=text_at(chunk, "web", "title"), url=text_at(chunk, "web", "uri"))
        for source in list_at(candidate, "citationMetadata", "citationSources"):
            builder.cite(url=text_at(source, "uri"))
        builder.finish(text_at(candidate, "finishReason"))
        if text_at(candidate, "finishReason") or builder.error:
            builder.end()

    def _part(self, part: Any, builder: AnswerBuilder) -> None:
        text = text_at(part, "text")
        if dig(part, "thought") is True:
            builder.add_reasoning(text)
        else:
            builder.add_text(text)
        if call := dict_at(part, "functionCall"):
            builder.add_call(
                self._calls, name=text_at(call, "name"), id_=text_at(call, "id"), arguments=dig(call, "args")
            )
            self._calls += 1
