"""OpenAI's Responses API."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at

LAST = frozenset({"response.completed", "response.failed", "response.incomplete", "response.cancelled"})
FINISHED = {
    "response.completed": "completed",
    "response.incomplete": "incomplete",
    "response.failed": "failed",
}
SAID = frozenset({"response.output_text.delta", "response.refusal.delta"})
THOUGHT = frozenset({"response.reasoning_text.delta", "response.reasoning_summary_text.delta"})
CALLED = frozenset({"response.function_call_arguments.delta", "response.custom_tool_call_input.delta"})
CALLS = frozenset({"function_call", "custom_tool_call"})
PENDING = frozenset({"", "queued", "in_progress"})


class OpenAIResponses(AnswerReader):
    """Responses, streamed, or as an object."""

    protocol = "openai-responses"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is an event `response.*` that repeats its type, or an object `response`."""
        kind = text_at(item.value, "type")
        return (kind.startswith("response.") and item.type in {kind, "message"}) or (
            text_at(item.value, "object") == "response" and isinstance(dig(item.value, "output"), list)
        )

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add a delta, an item of the output, or the response as it is at the end."""
        value, kind = item.value, text_at(item.value, "type")
        if item.event is None:
            self._response(value, builder)
            for output in list_at(value, "output"):
                self._output(output, builder)
            if text_at(value, "status") not in PENDING:
                builder.end()
        elif kind in SAID:
            builder.add_text(text_at(value, "delta"))
        elif kind in THOUGHT:
            builder.add_reasoning(text_at(value, "delta"))
        elif kind in CALLED:
            builder.add_call(text_at(value, "item_id"), delta=text_at(value, "delta"))
        elif kind in {"response.output_item.added", "response.output_item.done"}:
            self._item(dict_at(value, "item"), builder)
        elif kind == "response.output_text.annotation.added":
            self._annotation(dict_at(value, "annotation"), builder)
        elif kind == "error":
            builder.fail(error_at(value, "error") or error_at(value))
        elif response := dict_at(value, "response"):
            self._response(response, builder)
            builder.finish(FINISHED.get(kind, ""))
        if kind in LAST:
            builder.end()

    def _response(self, response: Any, builder: AnswerBuilder) -> None:
        builder.name_model(response, "model")
        builder.count(dict_at(response, "usage"))
        builder.fail(error_at(response, "error"))
        status = text_at(response, "status")
        builder.finish(
            text_at(response, "incomplete_details", "reason") or ("" if status in PENDING else status)
        )

    def _item(self, item: Any, builder: AnswerBuilder) -> None:
        """Take a tool call when it begins or is done; the deltas between both have its arguments."""
        if text_at(item, "type") in CALLS:
            key = text_at(item, "id")
            arguments = text_at(item, "arguments") or text_at(item, "input")
            builder.add_call(
                key, name=text_at(item, "name"), id_=text_at(item, "call_id"), arguments=arguments or None
            )

    def _output(self, output: Any, builder: AnswerBuilder) -> None:
        """Take one item of a whole response."""
        if text_at(output, "type") in CALLS:
            delta = text_at(output, "arguments") or text_at(output, "input")
            builder.add_call(
                text_at(output, "id") or text_at(output, "call_id"),
                name=text_at(output, "name"),
                id_=text_at(output, "call_id"),
                delta=delta,
            )
        for part in list_at(output, "summary"):
            builder.add_reasoning(text_at(part, "text"))
        for part in list_at(output, "content"):
            if text_at(part, "type") == "reasoning_text":
                builder.add_reasoning(text_at(part, "text"))
            else:
                builder.add_text(text_at(part, "text") or text_at(part, "refusal"))
            for annotation in list_at(part, "annotations"):
                self._annotation(annotation, builder)

    def _annotation(self, annotation: Any, builder: AnswerBuilder) -> None:
        title = text_at(annotation, "title") or text_at(annotation, "filename")
        builder.cite(title=title, url=text_at(annotation, "url"))
