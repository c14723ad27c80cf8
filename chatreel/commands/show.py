"""`chatreel show`: prints the exchanges of a cassette, one exchange as a time line, or the sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import batched, chain
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console

from cassettes import model
from cassettes.answers.answer_reading import answer_of
from cassettes.answers.protocol_end import completed
from cassettes.file import format_v1
from cassettes.file.reader import Cassette
from cassettes.views.summary import Summary
from cassettes.views.timeline import Moment, events, is_event_stream, timeline
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.foreign_files import RECORDING
from chatreel.cli.stderr import report_line
from chatreel.cli.units import seconds_of
from chatreel.output.answer_text import answer_block, plain_answer, print_transcript, print_transcript_json
from chatreel.output.piped_rows import print_rows
from chatreel.output.recording_table import COLUMNS, cells, chosen, fitting, table_of, text
from chatreel.output.session_table import print_sessions, print_sessions_json
from chatreel.workflows.open_cassettes import open_with_sessions
from foundation.errors import UsageError
from foundation.printable import printable

PAGE = 200
"""Rows that a terminal shows as one table, so that the first of a long cassette are there at once."""

BAR = 24
"""Characters of the line on which an exchange's time is drawn."""

WIDE = 100
"""Columns of a terminal from which on there is room for it."""

STYLES = {"head": "bold", "end": "bold", "error": "bold red", "heartbeat": "dim"}


EXAMPLES = """
chatreel show incident.jsonl
chatreel show incident.jsonl 3
chatreel show incident.jsonl --json | jq .target
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.argument("file", type=RECORDING)
@click.argument("exchange", type=click.IntRange(min=0), required=False)
@click.option(
    "--sessions",
    is_flag=True,
    help="Print the sessions instead, one for each recorded client: its exchanges, and its tokens, which are the "
    "cookies and ids that the server issued: where, and where the client sent them back.",
)
@click.option(
    "--answers",
    is_flag=True,
    help="Print the conversation instead, as a transcript: each question, and the answer with its reasoning, "
    "tool calls, sources and counts, whatever protocol says it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: an object a line.")
def command(file: Path, exchange: int | None, sessions: bool, answers: bool, as_json: bool) -> None:
    """Show what a cassette holds: a table of its exchanges, or EXCHANGE as its answer and a time line of its events.

    Offsets count from the moment when the whole request had arrived.
    """
    if (sessions or answers) and exchange is not None:
        raise UsageError(
            f"--{'sessions' if sessions else 'answers'} shows all of them: leave out the {exchange}"
        )
    if sessions and answers:
        raise UsageError("give either --sessions or --answers")
    cassette, found = open_with_sessions(file) if sessions else (Cassette.open(file), None)
    with cassette:
        for remark in (*cassette.warnings, *map(lost, cassette.losses)):
            report_line(remark)
        if found is not None:
            (print_sessions_json if as_json else print_sessions)(cassette, found)
        elif answers:
            (print_transcript_json if as_json else print_transcript)(cassette)
        elif exchange is None:
            (print_table_json if as_json else print_table)(cassette)
        elif exchange < len(cassette):
            (print_exchange_json if as_json else print_exchange)(completed(cassette.exchange(exchange)))
        else:
            raise UsageError(f"{file} has {len(cassette)} exchanges, counted from 0: there is no {exchange}")


def print_table(cassette: Cassette) -> None:
    """Print a row for every exchange."""
    columns = (*COLUMNS, "events")
    rows = (
        (*cells(Summary.of(exchange)), count_events(exchange))
        for exchange in map(completed, cassette.exchanges())
    )
    terminal = Console()
    if not terminal.is_terminal:
        print_rows(chain([columns], rows))
        return
    left = fitting(columns, terminal.width)
    for page in batched(rows, PAGE):
        table = table_of(left)
        for row in page:
            table.add_row(*map(text, chosen(row, columns, left)))
        terminal.print(table)


def print_table_json(cassette: Cassette) -> None:
    """Print every exchange as a JSON object on a line of its own."""
    for exchange in map(completed, cassette.exchanges()):
        summary = msgspec.structs.asdict(Summary.of(exchange)) | {"exchange": exchange.number}
        print(json.dumps(summary | {"events": len(list(dispatched_events(exchange)))}))


def print_exchange(exchange: model.Exchange) -> None:
    """Print the request, the response's head, the answer and the time line."""
    for line in chain(head_lines(exchange), answer_block(exchange)):
        print(printable(line))
    terminal = Console()
    if not terminal.is_terminal:
        print_rows(map(row_of, timeline(exchange)))
        return
    columns = ["offset", "gap", "", "data"]
    wide = terminal.width >= WIDE
    table = table_of([*columns[:2], "", *columns[2:]] if wide else columns)
    moments = timeline(exchange)
    for moment in moments:
        style = STYLES.get(moment.what, STYLES.get(moment.name, ""))
        offset, gap, *rest = row_of(moment)
        drawn = [bar(moment.at - moment.gap, moment.at, moments[-1].at)] if wide else []
        table.add_row(*map(text, (offset, gap, *drawn, *rest)), style=style)
    terminal.print(table)


def print_exchange_json(exchange: model.Exchange) -> None:
    """Print the whole exchange as one JSON object; bytes that are not UTF-8 are in base64."""
    print(
        json.dumps(
            {
                "exchange": exchange.number,
                "request": plain(exchange.request),
                "response": None if exchange.response is None else plain(exchange.response),
                "answer": None if (answer := answer_of(exchange)) is None else plain_answer(answer),
                "timeline": [msgspec.to_builtins(moment) for moment in timeline(exchange)],
                "losses": [plain(loss) for loss in exchange.losses],
            }
        )
    )


def plain(record: model.AnyRecord) -> dict[str, Any]:
    """The JSON object that a cassette has for a record."""
    fields = json.loads(format_v1.encode([record]))
    assert isinstance(fields, dict)
    return fields


def head_lines(exchange: model.Exchange) -> Iterator[str]:
    """The lines of the request and of the response's head as they were on the wire, and of what was lost."""
    request, response = exchange.request, exchange.response
    yield f"{request.method} {request.url} HTTP/{request.http}"
    yield from (f"  {name}: {value}" for name, value in request.headers)
    if request.body:
        yield f"  {request.body.decode('utf-8', 'replace')}"
    if response is not None:
        yield f"HTTP/{response.http} {response.status} {response.reason}"
        yield from (f"  {name}: {value}" for name, value in response.headers)
    yield from map(lost, exchange.losses)


def lost(loss: model.Loss) -> str:
    """One line about a loss: why it is not in the cassette, and how much."""
    if not loss.records and not loss.bytes:
        return loss.reason
    return f"{loss.reason}: {loss.records} records, {loss.bytes} bytes lost"


def row_of(moment: Moment) -> tuple[str, ...]:
    """A moment in the columns of the time line."""
    return seconds_of(moment.at), seconds_of(moment.gap), printable(moment.name), describe(moment)


def bar(begin: int, end: int, total: int) -> str:
    """A wait drawn to the scale of the whole exchange, so that a long one is seen at a glance.

    Times are in microseconds. `bar(500, 1000, 1000)` is 12 spaces, 11 dashes and the dot: the second half of 24.
    """
    start, stop = (round(at / max(total, 1) * (BAR - 1)) for at in (begin, end))
    return " " * start + "─" * (stop - start) + "●"


def describe(moment: Moment) -> str:
    """The data of a moment on one line, with notes on what a client does not see of it."""
    notes = [] if moment.dispatched else ["(not dispatched)"]
    notes += [f": {comment}" for comment in moment.comments]
    return printable(" ".join([moment.data, *notes]).strip())


def dispatched_events(exchange: model.Exchange) -> Iterator[object]:
    """The events that a client gets to see (WHATWG HTML 9.2.6); none when it is not an event stream."""
    return (
        (event for event in events(exchange) if event.dispatched) if is_event_stream(exchange) else iter(())
    )


def count_events(exchange: model.Exchange) -> str:
    """The number of events, or "-" when the response is not an event stream."""
    return str(len(list(dispatched_events(exchange)))) if is_event_stream(exchange) else "-"
