"""LangServe and LangGraph: messages of LangChain as server-sent events."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import count_at, dict_at, dig, error_at, list_at, text_at
from cassettes.answers.readers.openai_chat import content_text

AI = frozenset({"ai", "AIMessage", "AIMessageChunk"})
GRAPH_EVENTS = frozenset({"messages", "messages/partial", "messages/complete", "messages/metadata"})


class LangGraph(AnswerReader):
    """Streams of LangGraph's platform, in the modes `messages` and `messages-tuple`."""

    protocol = "langgraph"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether its type is one of LangGraph's, and it has messages, or metadata by their ids."""
        kind = item.type.partition("|")[0]
        if kind == "messages/metadata":
            return isinstance(item.value, dict)
        return kind in GRAPH_EVENTS and isinstance(dig(item.value, 0, "type"), str)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add a chunk of a message, or take a message as it is so far."""
        kind = item.type.partition("|")[0]
        if kind == "error":
            builder.fail(error_at(item.value))
        elif kind == "end":
            builder.end()
        elif kind == "messages":
            read_message(dict_at(item.value, 0), builder)
        elif kind in {"messages/partial", "messages/complete"}:
            for message in list_at(item.value):
                read_message(message, builder, whole=True)


class LangServe(AnswerReader):
    """LangServe's `/stream`: chunks of what a chain gives, under `data`."""

    protocol = "langserve"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is an event `data` with a text or a message: LangGraph has no event of that name."""
        return item.type == "data" and (isinstance(item.value, str) or text_at(item.value, "type") in AI)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add a chunk: a text, a message, or an object with the output."""
        if item.type == "end":
            builder.end()
        elif item.type == "error":
            builder.fail(error_at(item.value))
        elif item.type == "data" and isinstance(item.value, str):
            builder.add_text(item.value)
        elif item.type == "data" and text_at(item.value, "type") in AI:
            read_message(item.value, builder)
        elif item.type == "data":
            builder.add_text(text_at(item.value, "output") or text_at(item.value, "answer"))


def read_message(message: Any, builder: AnswerBuilder, *, whole: bool = False) -> None:
    """Add a message of the model, or a chunk of one; `whole` is one that repeats what came before."""
    if text_at(message, "type") not in AI:
        return
    key = text_at(message, "id")
    text = content_text(dig(message, "content"))
    if whole:
        builder.reach_text(text, key)
    else:
        builder.add_text(text, key)
        builder.add_reasoning(text_at(message, "additional_kwargs", "reasoning_content"))
    for call in list_at(message, "tool_call_chunks"):
        place = key, count_at(call, "index")
        builder.add_call(
            place, name=text_at(call, "name"), id_=text_at(call, "id"), delta=text_at(call, "args")
        )
    if not list_at(message, "tool_call_chunks"):
        for place_of, call in enumerate(list_at(message, "tool_calls")):
            builder.add_call(
                (key, place_of),
                name=text_at(call, "name"),
                id_=text_at(call, "id"),
                arguments=dig(call, "args"),
            )
    metadata = dict_at(message, "response_metadata")
    builder.name_model(metadata, "model_name")
    builder.finish(text_at(metadata, "finish_reason") or text_at(metadata, "stop_reason"))
    builder.count(dict_at(message, "usage_metadata"))
