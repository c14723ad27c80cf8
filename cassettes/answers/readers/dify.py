"""Dify's chat, agent, completion and workflow applications."""

from __future__ import annotations

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at

SAYING = frozenset({"message", "agent_message"})
LAST = frozenset({"message_end", "workflow_finished"})
IDS = ("message_id", "workflow_run_id", "task_id")


class Dify(AnswerReader):
    """Events that have their names in `event`, or a whole answer."""

    protocol = "dify"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it names its event, as Dify does, and has an answer, a thought or a workflow's run."""
        value, kind = item.value, text_at(item.value, "event")
        has_id = any(isinstance(dig(value, name), str) for name in IDS)
        if kind in SAYING:
            return has_id and isinstance(dig(value, "answer"), str)
        return has_id and kind in {"agent_thought", "workflow_started", "message_end"}

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says, or a whole answer."""
        value, kind = item.value, text_at(item.value, "event")
        if kind in SAYING:
            builder.add_text(text_at(value, "answer"))
        elif kind == "message_replace":
            builder.reach_text(text_at(value, "answer"))
        elif kind == "text_chunk":
            builder.add_text(text_at(value, "data", "text"))
        elif kind == "agent_thought":
            if tool := text_at(value, "tool"):
                arguments = dig(value, "tool_input")
                delta = arguments if isinstance(arguments, str) else ""
                key = text_at(value, "id")
                builder.add_call(key, name=tool, delta=delta, arguments=None if delta else arguments)
            else:
                builder.add_reasoning(text_at(value, "thought"))
        elif kind == "error":
            builder.fail(error_at(value) or text_at(value, "code"))
            builder.end()
        metadata = dict_at(value, "metadata")
        builder.count(dict_at(metadata, "usage"))
        for source in list_at(metadata, "retriever_resources"):
            builder.cite(title=text_at(source, "document_name"), text=text_at(source, "content"))
        if kind == "workflow_finished":
            builder.finish(text_at(value, "data", "status"))
            builder.fail(error_at(value, "data", "error"))
        if kind in LAST or item.event is None:
            builder.end()
