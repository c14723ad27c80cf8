"""Compares the answers that two streams say, however they are cut into deltas; then the streams' shape and timing.

recorded  "Rev" "enue grew" " by 12 %."    usage 11, 22    stop
live      "Revenue" " grew by" " 13 %."    usage 11, 23    stop

    one difference: in the text a number changed, 12 % became 13 %. Where the deltas fall is none, and one token more is
    within the tolerance.

What follows from another difference is not reported again: of a live answer that broke off, or that ends with an error,
only that is.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from cassettes.answers.answer import Answer, PieceKind
from cassettes.answers.reader_registry import READERS
from cassettes.views import timeline
from comparison.exchange.answer_timing import answer_timing
from comparison.exchange.ending_diff import ending_differences, is_open, is_other_ending
from comparison.exchange.exchange_pair import ExchangePair
from comparison.exchange.heartbeat_diff import heartbeat_differences
from comparison.exchange.shape_diff import shape_differences
from comparison.exchange.text_diff import TextDifference, text_differences
from comparison.result import Difference, Uncompared
from comparison.values.json_diff import Comparer
from comparison.values.scope import Scope
from foundation import json_pointer

MOST_SENTENCES_TOLD = 5
"""Differences of one text that are told."""

WHOLE = frozenset(reader.protocol for reader in READERS if reader.says_whole)
"""Protocols of which one event says a whole answer."""

FACTS = ("finish_reason", "model")


def comes_in_pieces(pair: ExchangePair) -> bool:
    """Tells whether both streams say an answer by one protocol, and one of them in pieces.

    With the aspect `deltas`, streams are compared event by event.
    """
    recorded, live = pair.answers
    if (
        recorded is None
        or live is None
        or recorded.protocol != live.protocol
        or "deltas" in pair.rules.aspects
    ):
        return False
    return is_cut(recorded) or is_cut(live)


def is_cut(answer: Answer) -> bool:
    """Tells whether a text, the reasoning or the arguments of an answer came in several pieces."""
    if answer.protocol in WHOLE:
        return False
    kinds = [piece.kind for piece in answer.pieces]
    return len(kinds) > len(set(kinds))


class AnswerPair:
    """Two answers to the same request."""

    def __init__(self, pair: ExchangePair) -> None:
        self._pair = pair
        recorded, live = pair.answers
        assert recorded is not None
        assert live is not None
        self._recorded, self._live = recorded, live

    def differences(self) -> Iterator[Difference | Uncompared]:
        """Yields all differences between the two answers, and what could not be compared."""
        pair = self._pair
        lost = self._lost_text()
        yield from ending_differences(pair, lost)
        if is_open(pair.live) or (is_open(pair.recorded) and not self._recorded.ended):
            yield from self._left_early(lost)
        elif not (is_other_ending(pair) and "ending" in pair.rules.aspects):
            yield from self._answers(lost)

    def _lost_text(self) -> str:
        """Returns in words how much of the recorded answer did not come."""
        lost = len(self._recorded.text) - len(self._live.text)
        return f"{lost} characters of the answer did not come" if lost > 0 else ""

    def _left_early(self, lost: str) -> Iterator[Difference | Uncompared]:
        """Yields what can be told of two answers of which one was left before its end: the text, as far as both go."""
        length = min(len(self._recorded.text), len(self._live.text))
        yield from self._text("text", self._recorded.text[:length], self._live.text[:length])
        if is_open(self._pair.live):
            yield self._pair.uncompared(f"the live stream was left early: {lost or 'its end is missing'}")

    def _answers(self, lost: str) -> Iterator[Difference | Uncompared]:
        recorded, live = self._recorded, self._live
        if live.error and not recorded.error:
            because = f"; {lost}" if lost else ""
            yield self._difference(
                "/answer/error", "nothing", live.error, f"the answer ends with an error{because}"
            )
            return
        yield from self._values(("answer", "error"), recorded.error, live.error)
        yield from self._text("text", recorded.text, live.text)
        yield from self._text("reasoning", recorded.reasoning, live.reasoning)
        calls, live_calls = self._calls(recorded), self._calls(live)
        yield from self._values(("answer", "tool_calls"), calls, live_calls)
        citations, live_citations = map(msgspec.to_builtins, (recorded.citations, live.citations))
        yield from self._values(("answer", "citations"), list(citations), list(live_citations))
        for name in FACTS:
            yield from self._values(("answer", name), getattr(recorded, name), getattr(live, name))
        yield from self._usage()
        yield from self._stream()

    def _stream(self) -> Iterator[Difference | Uncompared]:
        """Yields the differences of the streams that say the answers: shape, heartbeats and timing."""
        streams = self._pair, self._recorded, self._live
        yield from shape_differences(*streams)
        beats, live_beats = (
            [event for event in timeline.events(side) if timeline.is_heartbeat(event)]
            for side in (self._pair.recorded, self._pair.live)
        )
        yield from heartbeat_differences(self._pair, beats, live_beats)
        yield from answer_timing(*streams)

    def _calls(self, answer: Answer) -> list[dict[str, Any]]:
        """Returns the tool calls of an answer without their ids, which are fresh each time."""
        return [{"name": call.name, "arguments": call.arguments} for call in answer.tool_calls]

    def _text(self, name: PieceKind, recorded: str, live: str) -> Iterator[Difference]:
        """Yields the differences of two texts, each with the events that say it."""
        comparer = self._pair.comparer()
        path = "answer", name
        if comparer.scope.ignores(path):
            return
        sides = [tokens.masked(text)[0] for tokens, text in (
            (self._pair.tokens.recorded, recorded), (self._pair.tokens.live, live))]  # fmt: skip
        needed, vary = comparer.scope.similarity(path), comparer.scope.varies(path, "sentences")
        found = text_differences(sides[0], sides[1], needed, sentences_vary=vary)
        for one in islice(found, MOST_SENTENCES_TOLD):
            yield self._text_difference(name, one)

    def _text_difference(self, name: PieceKind, one: TextDifference) -> Difference:
        places = (
            event_of(self._recorded, name, one.recorded_at if one.recorded else None),
            event_of(self._live, name, one.live_at if one.live else None),
        )
        return self._pair.difference(
            "answer",
            one.change,
            one.recorded or "nothing",
            one.live or "nothing",
            one.why,
            events=places,
            pointer=f"/answer/{name}",
            in_answer=True,
            measure=one.measure,
        )

    def _values(self, path: tuple[str, ...], recorded: Any, live: Any) -> Iterator[Difference]:
        """Yields the differences of two values of the answers."""
        for found in self._pair.comparer().compare(recorded, live, path):
            pointer = json_pointer.to_text(found.path)
            yield self._difference(pointer, found.recorded, found.live, found.why, change=found.change)

    def _difference(
        self, pointer: str, recorded: str, live: str, why: str, change: Any = "changed"
    ) -> Difference:
        return self._pair.difference("answer", change, recorded, live, why, pointer=pointer, in_answer=True)

    def _usage(self) -> Iterator[Difference]:
        """Yields the counts that differ by more than the tolerance, or that one side lacks."""
        pair = self._pair
        tolerance = msgspec.structs.replace(pair.rules.tolerance, number=pair.rules.tolerance.usage)
        rules = msgspec.structs.replace(pair.rules, tolerance=tolerance)
        comparer = Comparer(Scope(rules, pair.request), pair.tokens)
        for found in comparer.compare(
            dict(self._recorded.usage), dict(self._live.usage), ("answer", "usage")
        ):
            pointer = json_pointer.to_text(found.path)
            yield self._pair.difference(
                "usage", found.change, found.recorded, found.live, found.why, pointer=pointer
            )


def event_of(answer: Answer, name: str, place: int | None) -> int | None:
    """Returns the place of the event that says the character at a place of a text."""
    if place is None:
        return None
    for piece in answer.pieces:
        if piece.kind == name:
            if place < len(piece.text):
                return piece.event
            place -= len(piece.text)
    return None
