"""`chatreel show`: what a cassette holds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cassettes import format_v1, model
from cassettes.errors import UsageError
from cassettes.reader import Cassette
from cassettes.summary import Summary
from cassettes.timeline import Moment, events, is_event_stream, timeline
from chatreel.options import CASSETTE
from chatreel.progress import COLUMNS, cells
from chatreel.terminal import printable
from chatreel.units import seconds_of

PIPE_WIDTH = 10_000
"""Columns where no terminal says how many there are: nothing is cut for a program that reads."""

STYLES = {"head": "bold", "end": "bold", "error": "bold red", "heartbeat": "dim"}


@click.command()
@click.argument("file", type=CASSETTE)
@click.argument("exchange", type=click.IntRange(min=0), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: an object a line.")
def command(file: Path, exchange: int | None, as_json: bool) -> None:
    """Show what a cassette holds: a table of its exchanges, or EXCHANGE as a time line of its events.

    Offsets count from the moment when the whole request had arrived.
    """
    with Cassette.open(file) as cassette:
        for warning in cassette.warnings:
            print(f"chatreel: {warning}", file=sys.stderr)
        if exchange is None:
            (print_table_json if as_json else print_table)(cassette)
        elif exchange < len(cassette):
            (print_exchange_json if as_json else print_exchange)(cassette.exchange(exchange))
        else:
            raise UsageError(f"{file} has {len(cassette)} exchanges, counted from 0: there is no {exchange}")


def print_table(cassette: Cassette) -> None:
    """Every exchange in a row."""
    table = Table(box=None, pad_edge=False)
    for column in (*COLUMNS, "events"):
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    for exchange in cassette.exchanges():
        table.add_row(*map(Text, (*cells(Summary.of(exchange)), count_events(exchange))))
    console().print(table)
    for loss in cassette.losses:
        print(f"{printable(loss.reason)}: {loss.records} records, {loss.bytes} bytes lost")


def print_table_json(cassette: Cassette) -> None:
    """Every exchange as an object on its own line."""
    for exchange in cassette.exchanges():
        summary = {name: value for name, value in vars(Summary.of(exchange)).items() if name != "exchange"}
        print(
            json.dumps({"exchange": exchange.number, **summary, "events": len(list(seen_events(exchange)))})
        )


def print_exchange(exchange: model.Exchange) -> None:
    """Request, response head and time line."""
    output = console()
    for line in head_lines(exchange):
        output.print(Text(printable(line)), soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for column in ("offset", "gap"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("data", no_wrap=True, overflow="ellipsis")
    for moment in timeline(exchange):
        style = STYLES.get(moment.what, STYLES.get(moment.name, ""))
        row = (seconds_of(moment.at), seconds_of(moment.gap), printable(moment.name), describe(moment))
        table.add_row(*map(Text, row), style=style)
    output.print(table)


def print_exchange_json(exchange: model.Exchange) -> None:
    """The whole exchange as one object; bytes that are no UTF-8 are in base64."""
    print(
        json.dumps(
            {
                "exchange": exchange.number,
                "request": plain(exchange.request),
                "response": None if exchange.response is None else plain(exchange.response),
                "timeline": [msgspec.to_builtins(moment) for moment in timeline(exchange)],
                "losses": [plain(loss) for loss in exchange.losses],
            }
        )
    )


def plain(record: model.Record) -> dict[str, Any]:
    """A record as it is written in a cassette."""
    fields = json.loads(format_v1.encode([record]))
    assert isinstance(fields, dict)
    return fields


def head_lines(exchange: model.Exchange) -> Iterator[str]:
    """The request and the response's head as they look on the wire."""
    request, response = exchange.request, exchange.response
    yield f"{request.method} {request.url} HTTP/{request.http}"
    yield from (f"  {name}: {value}" for name, value in request.headers)
    if request.body:
        yield f"  {request.body.decode('utf-8', 'replace')}"
    if response is not None:
        yield f"HTTP/{response.http} {response.status} {response.reason}"
        yield from (f"  {name}: {value}" for name, value in response.headers)
    yield from (
        f"lost: {loss.reason}, {loss.records} records, {loss.bytes} bytes" for loss in exchange.losses
    )


def describe(moment: Moment) -> str:
    """The data of a moment, on one line, and what a client would not see of it."""
    notes = [] if moment.dispatched else ["(not dispatched)"]
    notes += [f": {comment}" for comment in moment.comments]
    return printable(" ".join([moment.data, *notes]).strip())


def seen_events(exchange: model.Exchange) -> Iterator[object]:
    """The events that a client would see."""
    return (
        (event for event in events(exchange) if event.dispatched) if is_event_stream(exchange) else iter(())
    )


def count_events(exchange: model.Exchange) -> str:
    """How many, for the table."""
    return str(len(list(seen_events(exchange)))) if is_event_stream(exchange) else "-"


def console() -> Console:
    """The terminal, or a pipe of any width."""
    found = Console()
    return found if found.is_terminal else Console(width=PIPE_WIDTH)
