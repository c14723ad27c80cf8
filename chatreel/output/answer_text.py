"""Prints answers: one before the events of its exchange, or all of a cassette as a transcript."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from cassettes import model
from cassettes.answers.answer import Answer, ToolCall
from cassettes.answers.answer_reading import answer_of
from cassettes.answers.question import question_of
from cassettes.file.reader import Cassette
from foundation.http.urls import target
from foundation.printable import printable

INDENT = "  "


class Turn(NamedTuple):
    """One exchange of a conversation: what was asked, "" where nothing was, and the answer, None without one."""

    exchange: model.Exchange
    question: str
    answer: Answer | None


def turns(cassette: Cassette) -> Iterator[Turn]:
    """Yield the exchanges of a cassette in which something was asked or answered."""
    for exchange in cassette.exchanges():
        question, answer = question_of(exchange.request), answer_of(exchange)
        said = answer if answer is not None and answer.says_something else None
        if question or said is not None:
            yield Turn(exchange, question, said)


def print_transcript(cassette: Cassette) -> None:
    """Print each question and answer, with the exchange in which they are."""
    for turn in turns(cassette):
        request = turn.exchange.request
        print(
            f"exchange {turn.exchange.number}  {printable(request.method)} {printable(target(request.url))}"
        )
        for line in block("asked", turn.question) if turn.question else ():
            print(printable(line))
        for line in answer_lines(turn.answer) if turn.answer else ():
            print(printable(line))
        print()


def print_transcript_json(cassette: Cassette) -> None:
    """Print each question and answer as a JSON object on a line of its own."""
    for turn in turns(cassette):
        answer = None if turn.answer is None else plain_answer(turn.answer)
        print(json.dumps({"exchange": turn.exchange.number, "question": turn.question, "answer": answer}))


def answer_block(exchange: model.Exchange) -> Iterator[str]:
    """Yield the lines of the answer of an exchange; none where there is none."""
    answer = answer_of(exchange)
    if answer is not None and answer.says_something:
        yield from answer_lines(answer)


def answer_lines(answer: Answer) -> Iterator[str]:
    """Yield the answer as lines: reasoning, text, tool calls, sources, error, and what is known of the whole."""
    yield from block("reasoning", answer.reasoning) if answer.reasoning else ()
    yield from block("answer", answer.text) if answer.text else ()
    for call in answer.tool_calls:
        yield f"tool call: {call_text(call)}"
    for citation in answer.citations:
        yield f"source: {'  '.join(part for part in (citation.title, citation.url, citation.text) if part)}"
    if answer.error:
        yield f"error: {answer.error}"
    yield f"({', '.join(facts(answer))})"


def block(title: str, text: str) -> Iterator[str]:
    """Yield a text of several lines below a title, indented."""
    yield f"{title}:"
    yield from (f"{INDENT}{line}" for line in text.splitlines())


def call_text(call: ToolCall) -> str:
    """Return a tool call on one line: its name and its arguments."""
    arguments = (
        call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments, ensure_ascii=False)
    )
    return call.name if call.arguments is None else f"{call.name} {arguments}"


def facts(answer: Answer) -> Iterator[str]:
    """Yield what is known of an answer beside its text: protocol, model, why it ended, and counts."""
    yield answer.protocol
    if answer.model:
        yield answer.model
    if answer.finish_reason:
        yield f"finished: {answer.finish_reason}"
    yield from (f"{count} {name.replace('_', ' ')}" for name, count in answer.usage.items())


def plain_answer(answer: Answer) -> dict[str, Any]:
    """Return an answer as a JSON object, with the places of its pieces."""
    fields = msgspec.to_builtins(answer)
    assert isinstance(fields, dict)
    return fields
