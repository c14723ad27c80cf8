"""Vercel's AI SDK: its data stream (coded JSON lines) and the stream of UI messages that followed it."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at
from cassettes.answers.readers.openai_chat import DONE

CODES = "0123456789abcdefghijk"

EVENTS = frozenset({
    "text-start", "text-delta", "text-end", "reasoning-start", "reasoning-delta", "reasoning-end", "tool-input-start",
    "tool-input-delta", "tool-input-available", "tool-output-available", "source-url", "source-document", "start-step",
    "finish-step",
})  # fmt: skip


class DataStream(AnswerReader):
    """The data stream, version 1: `0:"text"`."""

    protocol = "ai-sdk-data-stream"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it has a code and what belongs to it; only coded lines have such types."""
        if item.event is None or len(item.type) != 1 or item.type not in CODES:
            return False
        return isinstance(item.value, str if item.type in "03g" else list if item.type in "28" else dict)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what a line says."""
        value = item.value
        match item.type:
            case "0":
                builder.add_text(text_at(value))
            case "g":
                builder.add_reasoning(text_at(value))
            case "3":
                builder.fail(error_at(value))
            case "9":
                builder.add_call(
                    text_at(value, "toolCallId"),
                    name=text_at(value, "toolName"),
                    id_=text_at(value, "toolCallId"),
                    arguments=dig(value, "args"),
                )
            case "b":
                key = text_at(value, "toolCallId")
                builder.add_call(key, name=text_at(value, "toolName"), id_=key)
            case "c":
                builder.add_call(text_at(value, "toolCallId"), delta=text_at(value, "argsTextDelta"))
            case "h":
                builder.cite(title=text_at(value, "title"), url=text_at(value, "url"))
            case "e" | "d":
                builder.finish(text_at(value, "finishReason"))
                builder.count(dict_at(value, "usage"))
                if item.type == "d":
                    builder.end()
            case _:
                pass


class UiMessageStream(AnswerReader):
    """The stream of UI messages, as server-sent events that end with `[DONE]`."""

    protocol = "ai-sdk-ui-messages"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is an event that only this stream has, or begins a message."""
        kind = text_at(item.value, "type")
        return item.event is not None and (kind in EVENTS or (kind == "start" and "messageId" in item.value))

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says."""
        value = item.value
        match text_at(value, "type"):
            case "text-delta":
                builder.add_text(text_at(value, "delta"))
            case "reasoning-delta":
                builder.add_reasoning(text_at(value, "delta"))
            case "tool-input-start" | "tool-input-delta" | "tool-input-available" | "tool-input-error":
                self._tool(value, builder)
            case "source-url" | "source-document":
                builder.cite(title=text_at(value, "title"), url=text_at(value, "url"))
            case "error":
                builder.fail(error_at(value, "errorText"))
            case "finish":
                builder.finish(text_at(value, "finishReason"))
                builder.count(dict_at(value, "messageMetadata", "usage") or dict_at(value, "messageMetadata"))
            case "abort":
                builder.finish("abort")
            case _:
                pass
        for source in list_at(value, "messageMetadata", "sources"):
            builder.cite(title=text_at(source, "title"), url=text_at(source, "url"))
        if item.data.strip() == DONE:
            builder.end()

    def _tool(self, value: Any, builder: AnswerBuilder) -> None:
        key = text_at(value, "toolCallId")
        builder.add_call(
            key,
            name=text_at(value, "toolName"),
            id_=key,
            delta=text_at(value, "inputTextDelta"),
            arguments=dig(value, "input"),
        )
