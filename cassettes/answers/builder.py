"""Puts an answer together while its events are read."""

from __future__ import annotations

from typing import Any, NamedTuple

from cassettes.answers.answer import Answer, Citation, Piece, PieceKind, ToolCall
from cassettes.answers.digging import count_at, decoded, text_at

MOST_TEXT = 8 << 20
"""Characters of text, reasoning and arguments that are kept of one answer; what follows is left out."""

MOST_CALLS = MOST_CITATIONS = 1000
"""Tool calls, and citations, that are kept of one answer."""

USAGE_NAMES = {
    "input_tokens": (
        ("prompt_tokens",), ("input_tokens",), ("inputTokens",), ("promptTokens",), ("promptTokenCount",),
        ("prompt_eval_count",), ("tokens", "input_tokens"),
    ),
    "output_tokens": (
        ("completion_tokens",), ("output_tokens",), ("outputTokens",), ("completionTokens",), ("candidatesTokenCount",),
        ("eval_count",), ("generated_tokens",), ("tokens", "output_tokens"),
    ),
    "total_tokens": (("total_tokens",), ("totalTokens",), ("totalTokenCount",)),
    "reasoning_tokens": (
        ("completion_tokens_details", "reasoning_tokens"), ("output_tokens_details", "reasoning_tokens"),
        ("thoughtsTokenCount",), ("reasoningTokens",), ("reasoning_tokens",),
    ),
    "cached_tokens": (
        ("prompt_tokens_details", "cached_tokens"), ("input_tokens_details", "cached_tokens"),
        ("cache_read_input_tokens",), ("cachedContentTokenCount",), ("cacheReadInputTokens",), ("cachedInputTokens",),
    ),
}  # fmt: skip
"""The one name of each count, and where protocols have it."""


class StreamItem(NamedTuple):
    """An event as a reader sees it: its place in the stream, its time, its type and its data, also as JSON.

    Of a body that is no stream, `event` is None and `type` is "body"; `value` is None where the data is no JSON.
    """

    event: int | None
    at: int
    type: str
    data: str
    value: Any


class _Call:
    """A tool call whose arguments are still coming."""

    def __init__(self) -> None:
        self.name = self.id = ""
        self.arguments: list[str] = []
        self.whole: Any = None

    def done(self) -> ToolCall:
        """Return the call as it is now."""
        text = "".join(self.arguments)
        value = decoded(text) if text else self.whole
        return ToolCall(name=self.name, id=self.id, arguments=text if text and value is None else value)


class AnswerBuilder:
    """Takes what each event adds. The current event is `item`, which the reading sets before each.

    `channel` tells several answers to one request apart, and `key` several tool calls.
    """

    def __init__(self) -> None:
        self.item = StreamItem(None, 0, "", "", None)
        self.ended = False
        self.error = self.finish_reason = self.model = ""
        self._texts: dict[Any, list[str]] = {}
        self._reasoning: list[str] = []
        self._calls: dict[Any, _Call] = {}
        self._citations: dict[Citation, None] = {}
        self._usage: dict[str, int] = {}
        self._pieces: list[Piece] = []
        self._size = 0

    def add_text(self, text: str, channel: Any = 0) -> None:
        """Add a piece of the text."""
        if text := self._kept("text", text):
            self._texts.setdefault(channel, []).append(text)

    def add_reasoning(self, text: str) -> None:
        """Add a piece of the reasoning."""
        if text := self._kept("reasoning", text):
            self._reasoning.append(text)

    def reach_text(self, whole: str, channel: Any = 0) -> None:
        """Take the whole text so far, as some protocols repeat it; only what is new is a piece of this event."""
        before = "".join(self._texts.get(channel, []))
        if whole.startswith(before):
            self.add_text(whole[len(before) :], channel)
        elif not before.endswith(whole):
            self._texts[channel] = []
            self.add_text(whole, channel)

    def has_text(self, channel: Any = 0) -> bool:
        """Return whether there is some text already."""
        return bool(self._texts.get(channel))

    def add_call(
        self, key: Any, *, name: str = "", id_: str = "", delta: str = "", arguments: Any = None
    ) -> None:
        """Begin a tool call, or add to the one of this key: a piece of its arguments, or all of them as JSON."""
        if key not in self._calls and len(self._calls) >= MOST_CALLS:
            return
        call = self._calls.setdefault(key, _Call())
        call.name = call.name or name
        call.id = call.id or id_
        if delta := self._kept("tool", delta):
            call.arguments.append(delta)
        if arguments is not None:
            call.whole = arguments

    def knows_call(self, key: Any) -> bool:
        """Return whether the call of this key began."""
        return key in self._calls

    def cite(self, *, title: str = "", url: str = "", text: str = "") -> None:
        """Add a source, once."""
        if (title or url or text) and len(self._citations) < MOST_CITATIONS:
            self._citations[Citation(title=title, url=url, text=text)] = None

    def count(self, usage: Any) -> None:
        """Take the counts in an object, whatever the protocol calls them; later ones replace earlier ones."""
        if not usage:
            return
        for name, ways in USAGE_NAMES.items():
            counts = (count_at(usage, *way) for way in ways)
            found = next((count for count in counts if count is not None), None)
            if found is not None:
                self._usage[name] = found

    def finish(self, reason: str) -> None:
        """Take why the model ended; an empty reason changes nothing."""
        self.finish_reason = reason or self.finish_reason

    def fail(self, error: str) -> None:
        """Take an error; the first one counts, and an empty one is none."""
        self.error = self.error or error

    def name_model(self, value: Any, *steps: str) -> None:
        """Take the name of the model, if it is there and not known yet."""
        self.model = self.model or text_at(value, *steps)

    def end(self) -> None:
        """Note that this event is the last one by the protocol."""
        self.ended = True

    def answer(self, protocol: str) -> Answer:
        """Return the answer of all that was added."""
        return Answer(
            protocol=protocol,
            text="\n\n".join("".join(text) for text in self._texts.values() if text),
            reasoning="".join(self._reasoning),
            tool_calls=tuple(call.done() for call in self._calls.values()),
            citations=tuple(self._citations),
            usage=dict(self._usage),
            finish_reason=self.finish_reason,
            model=self.model,
            error=self.error,
            ended=self.ended,
            pieces=tuple(self._pieces),
        )

    def _kept(self, kind: PieceKind, text: str) -> str:
        text = text[: MOST_TEXT - self._size]
        self._size += len(text)
        if text:
            self._pieces.append(Piece(kind=kind, text=text, event=self.item.event, at=self.item.at))
        return text
