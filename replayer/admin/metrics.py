"""The metrics of a replay in Prometheus' text format 0.0.4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from replayer.journal import Why
from replayer.listener.listener import ReplayListener
from replayer.responder import Responder

type Sample = tuple[str, int]
type Metric = tuple[str, Literal["counter", "gauge"], str, list[Sample]]
"""A metric: its name, type and help, and its samples, each with its labels."""


def exposition(responder: Responder, listener: ReplayListener) -> str:
    """Return all metrics as text."""
    return "".join(f"{line}\n" for metric in measured(responder, listener) for line in lines(*metric))


def measured(responder: Responder, listener: ReplayListener) -> Iterator[Metric]:
    """Yield the metrics as they are now; counters start from zero again when the journal is cleared."""
    journal = responder.journal
    by_why = [(f'{{why="{why}"}}', journal.counts[why]) for why in get_args(Why.__value__)]
    yield "chatreel_requests_total", "counter", "Requests, by what became of them.", by_why
    yield "chatreel_misses_total", "counter", "Requests that got 501.", [("", journal.misses)]
    yield "chatreel_sent_bytes_total", "counter", "Bytes sent to clients.", [("", listener.sent)]
    yield "chatreel_open_streams", "gauge", "Responses that are being played.", [("", listener.playing)]
    yield "chatreel_connections", "gauge", "Connections of clients.", [("", len(listener.connections))]
    yield "chatreel_live_sessions", "gauge", "Live sessions.", [("", len(responder.sessions))]
    yield "chatreel_exchanges", "gauge", "Recorded exchanges.", [("", len(responder.recordings))]
    yield "chatreel_exchanges_played", "gauge", "Those played at least once.", [("", len(journal.plays))]


def lines(name: str, kind: str, what: str, samples: list[Sample]) -> Iterator[str]:
    """Yield the lines of a metric."""
    yield f"# HELP {name} {what}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{labels} {value}"
