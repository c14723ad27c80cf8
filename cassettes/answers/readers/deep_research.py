"""The platform's own contract: `progress`, `result`, `complete` and `error`, or a job that is polled."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at


class DeepResearch(AnswerReader):
    """Events of the contract, or the state of a job."""

    protocol = "deep-research"
    says_whole = True

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is a result or a progress as the contract has them, or a job's state with a result."""
        value = item.value
        if item.event is None:
            return isinstance(dig(value, "job_id"), str) and isinstance(dig(value, "result", "response"), str)
        if item.type == "result":
            return isinstance(dig(value, "response"), str)
        return item.type == "progress" and {"step", "message", "progress"} <= dict_at(value).keys()

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says; `complete` and `error` are the last ones."""
        if item.event is None:
            self._result(dict_at(item.value, "result"), builder)
            builder.finish(text_at(item.value, "status"))
            builder.end()
        elif item.type == "result":
            self._result(item.value, builder)
        elif item.type == "complete":
            builder.finish("complete")
            builder.end()
        elif item.type == "error":
            builder.fail(error_at(item.value, "error") or error_at(item.value) or item.data)
            builder.end()

    def _result(self, result: Any, builder: AnswerBuilder) -> None:
        builder.add_text(text_at(result, "response"))
        builder.name_model(result, "metadata", "model")
        builder.count(dict_at(result, "metadata", "usage") or dict_at(result, "metadata"))
        for source in list_at(result, "sources"):
            builder.cite(title=text_at(source, "title"), url=text_at(source, "url"))
