"""OpenAI's chat completions, and the many servers that speak the same (vLLM, Azure, llama.cpp, OpenRouter ...)."""

from __future__ import annotations

from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import count_at, dict_at, dig, error_at, list_at, text_at

OBJECTS = frozenset({"chat.completion.chunk", "chat.completion", "text_completion"})
DONE = "[DONE]"


class OpenAIChat(AnswerReader):
    """Chat completions, streamed or not, and the older completions."""

    protocol = "openai-chat"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it names the object, or has choices with a delta or message."""
        first = dig(item.value, "choices", 0)
        spoken = isinstance(dig(first, "delta"), dict) or isinstance(dig(first, "message"), dict)
        return text_at(item.value, "object") in OBJECTS or spoken

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add the deltas of a chunk, or a whole completion."""
        if item.data.strip() == DONE:
            builder.end()
            return
        value = item.value
        builder.name_model(value, "model")
        builder.count(dict_at(value, "usage"))
        builder.fail(error_at(value, "error"))
        for choice in list_at(value, "choices"):
            self._choice(choice, builder)
        if item.event is None:
            builder.end()

    def _choice(self, choice: Any, builder: AnswerBuilder) -> None:
        channel = count_at(choice, "index") or 0
        said = dict_at(choice, "delta") or dict_at(choice, "message")
        builder.add_text(
            content_text(said.get("content")) or text_at(said, "refusal") or text_at(choice, "text"), channel
        )
        builder.add_reasoning(text_at(said, "reasoning_content") or text_at(said, "reasoning"))
        builder.finish(text_at(choice, "finish_reason"))
        for place, call in enumerate(list_at(said, "tool_calls")):
            key = channel, count_at(call, "index") if isinstance(dig(call, "index"), int) else place
            self._call(key, call, builder)
        if function := dict_at(said, "function_call"):
            builder.add_call(
                (channel, "function"), name=text_at(function, "name"), delta=text_at(function, "arguments")
            )
        for annotation in list_at(said, "annotations"):
            cited = dict_at(annotation, "url_citation")
            builder.cite(title=text_at(cited, "title"), url=text_at(cited, "url"))

    def _call(self, key: Any, call: Any, builder: AnswerBuilder) -> None:
        function = dict_at(call, "function")
        arguments = function.get("arguments")
        builder.add_call(
            key,
            name=text_at(function, "name"),
            id_=text_at(call, "id"),
            delta=arguments if isinstance(arguments, str) else "",
            arguments=None if isinstance(arguments, str) else arguments,
        )


def content_text(content: Any) -> str:
    """Return the text of a content, which is a string or a list of parts."""
    if isinstance(content, list):
        return "".join(text_at(part, "text") for part in content)
    return content if isinstance(content, str) else ""
