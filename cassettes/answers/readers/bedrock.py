"""Amazon Bedrock: Converse, and the streams of other protocols that `InvokeModelWithResponseStream` wraps."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import count_at, decoded, dict_at, dig, error_at, list_at, text_at
from cassettes.answers.readers.anthropic import Anthropic

EVENTS = frozenset(
    {"messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"}
)
WRAPPED = "chunk"


class BedrockConverse(AnswerReader):
    """Converse and ConverseStream."""

    protocol = "bedrock-converse"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it is an event that only Converse has, or a whole answer with its stop reason."""
        if item.event is not None:
            return item.type in EVENTS - {"metadata"} and isinstance(item.value, dict)
        return (
            isinstance(dig(item.value, "output", "message", "content"), list) and "stopReason" in item.value
        )

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event says, or a whole answer."""
        value = item.value
        if item.event is None:
            for place, block in enumerate(list_at(value, "output", "message", "content")):
                self._block(place, block, builder)
            builder.finish(text_at(value, "stopReason"))
            builder.count(dict_at(value, "usage"))
            builder.end()
        elif item.type in {"contentBlockStart", "contentBlockDelta"}:
            block = dict_at(value, "start") or dict_at(value, "delta")
            self._block(count_at(value, "contentBlockIndex"), block, builder)
        elif item.type == "messageStop":
            builder.finish(text_at(value, "stopReason"))
        elif item.type == "metadata":
            builder.count(dict_at(value, "usage"))
            builder.end()
        elif item.type.endswith("Exception"):
            builder.fail(error_at(value) or item.type)
            builder.end()

    def _block(self, key: int | None, block: Any, builder: AnswerBuilder) -> None:
        reasoning = dict_at(block, "reasoningContent")
        builder.add_text(text_at(block, "text"))
        builder.add_reasoning(text_at(reasoning, "text") or text_at(reasoning, "reasoningText", "text"))
        if tool := dict_at(block, "toolUse"):
            arguments = tool.get("input")
            builder.add_call(
                key,
                name=text_at(tool, "name"),
                id_=text_at(tool, "toolUseId"),
                delta=arguments if isinstance(arguments, str) else "",
                arguments=None if isinstance(arguments, str) else arguments,
            )


class BedrockInvoke(Anthropic):
    """Anthropic's events in the `bytes` of Bedrock's."""

    protocol = "bedrock-anthropic"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether there is an event of Anthropic's in the bytes of a chunk."""
        return item.type == WRAPPED and super().recognises(unwrapped(item))

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what the event in the bytes says."""
        super().read(unwrapped(item), builder)


def unwrapped(item: StreamItem) -> StreamItem:
    """Return the event in the bytes of an event, which are base64; one without JSON where there is none."""
    try:
        data = base64.b64decode(text_at(item.value, "bytes"), validate=True).decode()
    except (binascii.Error, ValueError):
        return item._replace(value=None)
    return item._replace(data=data, value=decoded(data))
