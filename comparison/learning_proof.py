"""Proves of learned noise that it hides no change of an answer, by changes that are seeded in what it was learned from.

recorded   "Revenue grew by 12 %."    seeded   a number           "Revenue grew by 13 %."
a negation         "It is not true that Revenue grew by 12 %."
another answer     "I am sorry, but I cannot help with that."
tool arguments     {"seeded": true}
why it ended       "seeded"
the status         500
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from cassettes import model
from cassettes.answers.answer import Answer, PieceKind
from cassettes.answers.answer_reading import answer_of
from cassettes.answers.digging import decoded
from cassettes.answers.protocol_end import completed
from cassettes.views.timeline import framing_of
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.conversation.token_correspondence import Correspondence
from comparison.exchange.exchange_diff import exchange_differences
from comparison.exchange.exchange_pair import ExchangePair
from comparison.questions import questions
from comparison.result import Difference
from comparison.rules.comparison_rules import ComparisonRules
from comparison.rules.noise import SILENCE

MOST_SEEDED = 20
"""Requests of each recording in whose answers changes are seeded."""

DIGIT = re.compile(r"\d")
REFUSAL = "I am sorry, but I cannot help with that."
SEEDED = "seeded"


class Seed(NamedTuple):
    """A change of a recorded exchange: what it is, for a person, and the changed exchange."""

    what: str
    exchange: model.Exchange


def hidden_changes(recordings: Sequence[RecordedSessions], rules: ComparisonRules) -> Iterator[str]:
    """Yield, in words, the seeded changes that would be a difference without the noise of these rules, and are none."""
    without_noise = msgspec.structs.replace(rules, noise=SILENCE)
    for recorded in recordings:
        for seeded in seeded_exchanges(recorded, rules):
            for seed in seeds(seeded.exchange, seeded.answer):
                if is_seen(seeded, seed, without_noise) and not is_seen(seeded, seed, rules):
                    yield f"{seed.what} in the answer to {seeded.request} (exchange {seeded.exchange.number})"


class SeededExchange(NamedTuple):
    """A recorded exchange in which changes are seeded, its answer, the label of its request, and its session."""

    exchange: model.Exchange
    answer: Answer
    request: str
    conversation: Conversation


def seeded_exchanges(recorded: RecordedSessions, rules: ComparisonRules) -> Iterator[SeededExchange]:
    """Yield a complete exchange with an answer for each request of a recording, MOST_SEEDED at most."""
    known: set[str] = set()
    for conversation in recorded:
        labels = questions(conversation, rules).labels
        for one in conversation.exchanges:
            exchange, request = completed(one), labels.get(one.number, "")
            if request in known or exchange.losses or exchange.end.how != "complete":
                continue
            answer = answer_of(exchange)
            if answer is not None and answer.says_something and len(known) < MOST_SEEDED:
                known.add(request)
                yield SeededExchange(exchange, answer, request, conversation)


def is_seen(seeded: SeededExchange, seed: Seed, rules: ComparisonRules) -> bool:
    """Return whether a seeded change is a difference, apart from what writing the events again changes."""
    control = with_values(seeded.exchange, lambda value, _: value)
    return bool(found(seeded, seed.exchange, rules) - found(seeded, control, rules))


def found(
    seeded: SeededExchange, live: model.Exchange, rules: ComparisonRules
) -> set[tuple[str, str, str, str]]:
    """Return the differences between a recorded exchange and a changed one."""
    conversation = seeded.conversation
    pair = ExchangePair(
        rules=rules,
        tokens=Correspondence(conversation.tokens, conversation.tokens),
        sessions=(conversation.number, conversation.number),
        request=seeded.request,
        recorded=seeded.exchange,
        live=live,
    )
    return {
        (one.aspect, one.change, one.pointer, one.live)
        for one in exchange_differences(pair)
        if isinstance(one, Difference) and one.aspect in rules.aspects
    }


def seeds(exchange: model.Exchange, answer: Answer) -> Iterator[Seed]:
    """Yield the changes that can be seeded in an exchange: those that its answer, read again, shows."""
    for what, text in changed_texts(answer.text):
        changed = with_pieces(exchange, answer, "text", text)
        if (now := answer_of(changed)) is not None and now.text == text:
            yield Seed(what, changed)
    if any(piece.kind == "tool" for piece in answer.pieces):
        changed = with_pieces(exchange, answer, "tool", json.dumps({SEEDED: True}))
        if (now := answer_of(changed)) is not None and now.tool_calls != answer.tool_calls:
            yield Seed("other arguments of a tool", changed)
    if answer.finish_reason:
        changed = with_values(exchange, lambda value, _: SEEDED if value == answer.finish_reason else value)
        if (now := answer_of(changed)) is not None and now.finish_reason == SEEDED:
            yield Seed("another reason to finish", changed)
    if exchange.response is not None:
        failed = msgspec.structs.replace(exchange.response, status=500)
        yield Seed("a failure", msgspec.structs.replace(exchange, response=failed))


def changed_texts(text: str) -> Iterator[tuple[str, str]]:
    """Yield changes of a text: what each is, for a person, and the changed text."""
    if not text.strip():
        return
    if digit := DIGIT.search(text):
        other = str((int(digit[0]) + 1) % 9)
        yield "another number", text[: digit.start()] + other + text[digit.end() :]
    yield "a negation", f"It is not true that {text}"
    yield "another text", REFUSAL


def with_pieces(exchange: model.Exchange, answer: Answer, kind: PieceKind, text: str) -> model.Exchange:
    """Return the exchange with this text in the events that have pieces of a kind, a part of it in each."""
    pieces = [piece for piece in answer.pieces if piece.kind == kind]
    ends = [len(text) * place // len(pieces) for place in range(len(pieces) + 1)]
    left = {
        (piece.event, piece.text): text[begin:end]
        for piece, (begin, end) in zip(pieces, pairwise(ends), strict=True)
    }
    return with_values(
        exchange, lambda value, event: left.get((event, value), value) if isinstance(value, str) else value
    )


def with_values(exchange: model.Exchange, change: Any) -> model.Exchange:
    """Return the exchange with each JSON value changed by `change`, a function of the value and its event's place."""
    framing, body, at = framing_of(exchange), exchange.body, exchange.end.at
    chunks: list[model.Chunk] = []
    if framing is None:
        chunks.append(chunk_of(exchange, at, json.dumps(changed(decoded(body), change, None)).encode()))
    else:
        begin = 0
        decoder = framing.decoder()
        for place, block in enumerate(decoder.blocks(body)):
            raw, begin = body[begin : block.end], block.end
            value = decoded(block.event.data)
            other = value if value is None else changed(value, change, place)
            data = raw if other == value else framing.with_data(raw, json.dumps(other).encode())
            chunks.append(chunk_of(exchange, at, data))
        chunks.append(chunk_of(exchange, at, body[begin:]))
    return msgspec.structs.replace(exchange, chunks=tuple(one for one in chunks if one.data))


def chunk_of(exchange: model.Exchange, at: int, data: bytes) -> model.Chunk:
    """Return a chunk of an exchange."""
    return model.Chunk(exchange=exchange.request.exchange, at=at, data=data)


def changed(value: Any, change: Any, event: int | None) -> Any:
    """Return a JSON value with each value in it changed that is no object or list."""
    if isinstance(value, dict):
        return {key: changed(item, change, event) for key, item in value.items()}
    if isinstance(value, list):
        return [changed(item, change, event) for item in value]
    return change(value, event)
