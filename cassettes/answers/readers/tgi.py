"""Hugging Face's Text Generation Inference: `/generate` and `/generate_stream`."""

from __future__ import annotations

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.builder import AnswerBuilder, StreamItem
from cassettes.answers.digging import dict_at, dig, error_at, text_at


class TextGenerationInference(AnswerReader):
    """Tokens as events, or a generated text."""

    protocol = "tgi"

    def recognises(self, item: StreamItem) -> bool:
        """Return whether it has a token that may be special, or is a generated text as a whole."""
        token = dict_at(item.value, "token")
        if item.event is not None:
            return isinstance(token.get("text"), str) and isinstance(token.get("special"), bool)
        return isinstance(dig(item.value, "generated_text"), str)

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add a token; the last one comes with the whole text."""
        value = item.value
        token = dict_at(value, "token")
        builder.fail(error_at(value, "error"))
        if token.get("special") is False:
            builder.add_text(text_at(token, "text"))
        if isinstance(dig(value, "generated_text"), str):
            if item.event is None:
                builder.add_text(text_at(value, "generated_text"))
            builder.finish(text_at(value, "details", "finish_reason"))
            builder.count(dict_at(value, "details"))
            builder.end()
