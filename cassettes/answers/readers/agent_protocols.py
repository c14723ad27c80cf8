"""Protocols between agents that are JSON-RPC: A2A and MCP."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, list_at, text_at

UPDATES = frozenset({"task", "message", "status-update", "artifact-update"})
ENDED = frozenset({"completed", "failed", "canceled", "rejected", "input-required", "auth-required"})
CONTENTS = frozenset({"text", "image", "audio", "resource", "resource_link"})


class AgentToAgent(AnswerReader):
    """A2A: tasks with their status, artifacts and messages."""

    protocol = "a2a"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is the result of a call that is a task, a message, or an update of a task."""
        result = dict_at(item.value, "result")
        known = text_at(result, "kind") in UPDATES and any(
            isinstance(result.get(name), str) for name in ("taskId", "messageId", "contextId", "id")
        )
        return is_rpc(item.value) and known

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add the texts of an artifact or message; states that end a task finish it."""
        result = dict_at(item.value, "result")
        builder.fail(error_at(item.value, "error"))
        match text_at(result, "kind"):
            case "artifact-update":
                self._parts(dict_at(result, "artifact"), builder, appends=dig(result, "append") is True)
            case "message":
                self._parts(result, builder)
                builder.end()
            case "status-update" | "task":
                self._status(result, builder)
                for artifact in list_at(result, "artifacts"):
                    self._parts(artifact, builder)
            case _:
                pass
        if dig(result, "final") is True or (item.event is None and builder.finish_reason):
            builder.end()

    def _status(self, result: Any, builder: AnswerBuilder) -> None:
        state = text_at(result, "status", "state")
        message = dict_at(result, "status", "message")
        if state in ENDED:
            builder.finish(state)
            self._parts(message, builder)
        else:
            for part in list_at(message, "parts"):
                builder.add_reasoning(text_at(part, "text"))
        if state in {"failed", "rejected"}:
            builder.fail(text_at(message, "parts", 0, "text") or state)

    def _parts(self, holder: Any, builder: AnswerBuilder, *, appends: bool = True) -> None:
        key = text_at(holder, "artifactId")
        text = "".join(text_at(part, "text") for part in list_at(holder, "parts"))
        if appends or not builder.has_text(key):
            builder.add_text(text, key)
        else:
            builder.reach_text(text, key)


class ModelContext(AnswerReader):
    """MCP: the result of a tool, a prompt or a resource, and what comes before it in the stream."""

    protocol = "mcp"
    says_whole = True

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is a notification of MCP's, or a result that only MCP has."""
        value = item.value
        result = dict_at(value, "result")
        told = text_at(value, "method").startswith("notifications/")
        content = text_at(result, "content", 0, "type") in CONTENTS
        listed = isinstance(dig(result, "tools", 0, "inputSchema"), dict) or isinstance(
            result.get("serverInfo"), dict
        )
        return is_rpc(value) and (told or content or listed)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add the texts of a result; a result or an error is the last message to a request."""
        value, result = item.value, dict_at(item.value, "result")
        builder.add_reasoning(text_at(value, "params", "message"))
        texts = [
            text_at(part, "text") or text_at(part, "resource", "text") for part in list_at(result, "content")
        ]
        builder.add_text("\n".join(text for text in texts if text))
        builder.fail(error_at(value, "error"))
        if result.get("isError") is True:
            builder.fail(texts[0] if texts and texts[0] else "the tool failed")
        for part in list_at(result, "content"):
            if text_at(part, "type") == "resource_link":
                builder.cite(title=text_at(part, "name"), url=text_at(part, "uri"))
        if {"result", "error"} & dict_at(value).keys():
            builder.end()


def is_rpc(value: Any) -> bool:
    """Return whether a value is a message of JSON-RPC 2.0."""
    return text_at(value, "jsonrpc") == "2.0"
