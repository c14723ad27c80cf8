"""Prints the sessions of a cassette, each with its exchanges and its tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from rich.console import Console

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.tokens.discovery import Token, tokens
from cassettes.tokens.sessions import Sessions
from cassettes.views.summary import Summary
from chatreel.output import piped_rows
from chatreel.output.recording_table import table_of, text
from foundation.printable import printable

EXCHANGES = ("#", "method", "target", "status")
TOKENS = ("token", "issued", "sent", "values")

SHOWN = 8
"""Characters of a token that are shown, at most half of it: enough to recognise it, too few to use it."""


def print_sessions(cassette: Cassette, sessions: Sessions) -> None:
    """Print each session as a heading and two tables; in a pipe nothing is padded or cut."""
    terminal = Console()
    for number in range(len(sessions)):
        exchanges = [cassette.exchange(one) for one in sessions.exchanges(number)]
        found = tokens(exchanges, sessions.public)
        print(f"session {number}")
        print_rows(terminal, EXCHANGES, map(exchange_row, exchanges))
        if found:
            print_rows(terminal, TOKENS, map(token_row, found))


def print_sessions_json(cassette: Cassette, sessions: Sessions) -> None:
    """Print each session as a JSON object on a line of its own."""
    for number in range(len(sessions)):
        members = list(sessions.exchanges(number))
        found = tokens([cassette.exchange(one) for one in members], sessions.public)
        fields = {"session": number, "exchanges": members, "tokens": [plain(token) for token in found]}
        print(json.dumps(fields))


def print_rows(terminal: Console, columns: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Print rows below their columns' names, aligned on a terminal."""
    if not terminal.is_terminal:
        piped_rows.print_rows((columns, *rows))
        return
    table = table_of(("", *columns))
    for row in rows:
        table.add_row(*map(text, ("", *row)))
    terminal.print(table)


def exchange_row(exchange: model.Exchange) -> tuple[str, ...]:
    """The cells of an exchange, one for each of EXCHANGES."""
    summary = Summary.of(exchange)
    status = "-" if summary.status is None else str(summary.status)
    return str(exchange.number), printable(summary.method), printable(summary.target), status


def token_row(token: Token) -> tuple[str, ...]:
    """The cells of a token, one for each of TOKENS."""
    sent = printable(", ".join(token.sent)) or "-"
    return shortened(token.values[0]), printable(", ".join(token.issued)), sent, str(len(token.values))


def plain(token: Token) -> dict[str, object]:
    """The JSON object of a token, its values shortened."""
    values = [shortened(value) for value in token.values]
    return {"issued": token.issued, "sent": token.sent, "count": len(values), "values": values}


def shortened(value: str) -> str:
    """The first characters of a token's value."""
    return f"{value[: min(SHOWN, len(value) // 2)]}…"
