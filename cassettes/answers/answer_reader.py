'''What a reader of answers is.

A reader of one's own is a class of a few lines; docs/chatbots.md shows how it is added:

    class Parrot(AnswerReader):
        """Parrots, which repeat what they hear."""

        protocol = "parrot"

        def recognises(self, item: StreamItem) -> bool:
            return text_at(item.value, "squawk") != ""

        def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
            builder.add_text(text_at(item.value, "squawk"))
'''

from __future__ import annotations

from typing import ClassVar

from cassettes.answers.builder import AnswerBuilder, StreamItem


class AnswerReader:
    """Reads the answers of one protocol. There is a new reader for each answer, so it may remember things."""

    protocol: ClassVar[str]
    says_whole: ClassVar[bool] = False
    """Whether one event says a whole text, so that a second one is no piece of the same."""

    def recognises(self, item: StreamItem) -> bool:
        """Return whether an event, or a body, can only be one of this protocol; it must not be of another one."""
        raise NotImplementedError

    def read(self, item: StreamItem, builder: AnswerBuilder) -> None:
        """Add what an event, or a body, says. It may have any shape, and must not raise."""
        raise NotImplementedError

    def close(self, builder: AnswerBuilder) -> None:
        """Add what only the end of the stream tells."""
