"""Cohere's chat, versions 1 and 2."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import count_at, dict_at, dig, error_at, list_at, text_at
from cassettes.answers.readers.openai_chat import content_text

EVENTS = frozenset({
    "message-start", "content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-start",
    "tool-call-delta", "tool-call-end", "citation-start", "citation-end", "message-end",
})  # fmt: skip
OLD_EVENTS = frozenset(
    {"stream-start", "text-generation", "citation-generation", "tool-calls-generation", "stream-end"}
)


class Cohere(AnswerReader):
    """Version 2: events `content-delta` and the like, or a whole message."""

    protocol = "cohere"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is an event that only Cohere has, or a message with a reason to finish beside it."""
        if item.event is not None:
            return text_at(item.value, "type") in EVENTS
        message = dig(item.value, "message")
        return text_at(message, "role") == "assistant" and isinstance(dig(item.value, "finish_reason"), str)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says, or a whole message."""
        value = item.value
        message = dict_at(value, "delta", "message")
        match text_at(value, "type"):
            case "content-start" | "content-delta":
                builder.add_text(text_at(message, "content", "text"))
                builder.add_reasoning(text_at(message, "content", "thinking"))
            case "tool-plan-delta":
                builder.add_reasoning(text_at(message, "tool_plan"))
            case "tool-call-start" | "tool-call-delta":
                self._call(count_at(value, "index"), dict_at(message, "tool_calls"), builder)
            case "citation-start":
                self._citation(dict_at(message, "citations"), builder)
            case "message-end":
                self._end(dict_at(value, "delta"), builder)
            case _ if item.event is None:
                self._whole(value, builder)
            case _:
                pass

    def _whole(self, value: Any, builder: AnswerBuilder) -> None:
        message = dict_at(value, "message")
        for part in list_at(message, "content"):
            builder.add_reasoning(text_at(part, "thinking"))
        builder.add_text(content_text(message.get("content")))
        builder.add_reasoning(text_at(message, "tool_plan"))
        for place, call in enumerate(list_at(message, "tool_calls")):
            self._call(place, call, builder)
        for citation in list_at(message, "citations"):
            self._citation(citation, builder)
        self._end(value, builder)

    def _call(self, key: Any, call: Any, builder: AnswerBuilder) -> None:
        function = dict_at(call, "function")
        builder.add_call(
            key, name=text_at(function, "name"), id_=text_at(call, "id"), delta=text_at(function, "arguments")
        )

    def _citation(self, citation: Any, builder: AnswerBuilder) -> None:
        for source in list_at(citation, "sources") or [{}]:
            document = dict_at(source, "document")
            builder.cite(
                title=text_at(document, "title"), url=text_at(document, "url"), text=text_at(citation, "text")
            )

    def _end(self, value: Any, builder: AnswerBuilder) -> None:
        builder.finish(text_at(value, "finish_reason"))
        builder.fail(error_at(value, "error"))
        builder.count(dict_at(value, "usage"))
        builder.end()


class CohereV1(AnswerReader):
    """Version 1: JSON lines with an `event_type`."""

    protocol = "cohere-v1"

    def __init__(self) -> None:
        self._calls = 0

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is an event that only Cohere has, or a whole answer with its generation's id."""
        if text_at(item.value, "event_type") in OLD_EVENTS:
            return True
        return item.event is None and {"text", "generation_id", "finish_reason"} <= dict_at(item.value).keys()

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says; the last one repeats the answer as a whole."""
        value, kind = item.value, text_at(item.value, "event_type")
        for citation in list_at(value, "citations"):
            builder.cite(text=text_at(citation, "text"))
        if kind == "text-generation":
            builder.add_text(text_at(value, "text"))
        elif kind == "tool-calls-generation":
            self._tools(value, builder)
        elif kind == "stream-end" or item.event is None:
            response = dict_at(value, "response") or value
            if not builder.has_text():
                builder.add_text(text_at(response, "text"))
            if not self._calls:
                self._tools(response, builder)
            builder.finish(text_at(value, "finish_reason"))
            builder.count(dict_at(response, "meta", "tokens"))
            builder.end()

    def _tools(self, value: Any, builder: AnswerBuilder) -> None:
        for call in list_at(value, "tool_calls"):
            builder.add_call(self._calls, name=text_at(call, "name"), arguments=dig(call, "parameters"))
            self._calls += 1
