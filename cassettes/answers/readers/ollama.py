"""Ollama's `/api/chat` and `/api/generate`."""

from __future__ import annotations

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at


class Ollama(AnswerReader):
    """Messages and generated texts, streamed as JSON lines or not."""

    protocol = "ollama"

    def __init__(self) -> None:
        self._calls = 0

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it has a model, says if it is done, and has a message or a response."""
        value = item.value
        said = isinstance(dig(value, "message"), dict) or isinstance(dig(value, "response"), str)
        return isinstance(dig(value, "done"), bool) and isinstance(dig(value, "model"), str) and said

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add a piece of the message; the one that is done has the counts."""
        value = item.value
        message = dict_at(value, "message")
        builder.name_model(value, "model")
        builder.fail(error_at(value, "error"))
        builder.add_reasoning(text_at(message, "thinking") or text_at(value, "thinking"))
        builder.add_text(text_at(message, "content") or text_at(value, "response"))
        for call in list_at(message, "tool_calls"):
            function = dict_at(call, "function")
            builder.add_call(self._calls, name=text_at(function, "name"), arguments=function.get("arguments"))
            self._calls += 1
        if dig(value, "done") is True:
            builder.count(value)
            builder.finish(text_at(value, "done_reason"))
            builder.end()
