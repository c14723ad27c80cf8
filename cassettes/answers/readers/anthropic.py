"""Anthropic's messages, also inside Bedrock's event stream."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import count_at, dict_at, dig, error_at, list_at, text_at

TOOLS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})


class Anthropic(AnswerReader):
    """Messages, streamed or not."""

    protocol = "anthropic"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it begins a message or a block of one, or is a whole message."""
        kind = text_at(item.value, "type")
        if kind == "message_start":
            return bool(dict_at(item.value, "message"))
        if kind in {"content_block_start", "content_block_delta"}:
            return isinstance(dig(item.value, "index"), int)
        return (
            kind == "message" and isinstance(dig(item.value, "content"), list) and "stop_reason" in item.value
        )

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says, or a whole message."""
        value = item.value
        match text_at(value, "type"):
            case "message_start":
                self._head(dict_at(value, "message"), builder)
            case "message":
                self._head(value, builder)
                for place, block in enumerate(list_at(value, "content")):
                    self._block(place, block, builder, whole=True)
                builder.finish(text_at(value, "stop_reason"))
                builder.end()
            case "content_block_start":
                self._block(count_at(value, "index"), dict_at(value, "content_block"), builder, whole=False)
            case "content_block_delta":
                self._delta(count_at(value, "index"), dict_at(value, "delta"), builder)
            case "message_delta":
                builder.finish(text_at(value, "delta", "stop_reason"))
                builder.count(dict_at(value, "usage"))
            case "message_stop":
                builder.end()
            case "error":
                builder.fail(error_at(value, "error"))
            case _:
                pass

    def _head(self, message: Any, builder: AnswerBuilder) -> None:
        builder.name_model(message, "model")
        builder.count(dict_at(message, "usage"))

    def _block(self, key: int | None, block: Any, builder: AnswerBuilder, *, whole: bool) -> None:
        builder.add_text(text_at(block, "text"))
        builder.add_reasoning(text_at(block, "thinking"))
        if text_at(block, "type") in TOOLS:
            arguments = dig(block, "input")
            builder.add_call(
                key,
                name=text_at(block, "name"),
                id_=text_at(block, "id"),
                arguments=arguments if whole or arguments else {},
            )
        for citation in list_at(block, "citations"):
            self._citation(citation, builder)

    def _delta(self, key: int | None, delta: Any, builder: AnswerBuilder) -> None:
        builder.add_text(text_at(delta, "text"))
        builder.add_reasoning(text_at(delta, "thinking"))
        if partial := text_at(delta, "partial_json"):
            builder.add_call(key, delta=partial)
        self._citation(dict_at(delta, "citation"), builder)

    def _citation(self, citation: Any, builder: AnswerBuilder) -> None:
        title = text_at(citation, "title") or text_at(citation, "document_title")
        builder.cite(title=title, url=text_at(citation, "url"), text=text_at(citation, "cited_text"))
