"""The words that a report has in all its forms: text, terminal, HTML."""

from __future__ import annotations

from comparison.report.report import Report
from comparison.result import Difference, Place, Uncompared

VERDICTS = {"same": "same", "different": "DIFFERENT", "could-not-compare": "COULD NOT COMPARE"}


def headline(report: Report) -> str:
    """Returns the verdict and the names of both sides."""
    return f"{VERDICTS[report.verdict]}: {report.recorded} and {report.live}"


def extent(report: Report) -> str:
    """Returns how much was compared, and how much was found."""
    parts = [
        f"{plural(report.exchanges, 'question')} of {plural(report.sessions, 'session')} compared",
        plural(report.found, "difference"),
    ]
    if report.gaps:
        parts.append(f"{report.gaps} could not be compared")
    return ", ".join(parts)


def breakdown(report: Report) -> str:
    """Returns how many of the listed differences each aspect has."""
    return ", ".join(f"{aspect} {count}" for aspect, count in report.aspects)


def plural(count: int, what: str) -> str:
    """Returns a count with a noun in singular or plural."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def where(one: Difference | Uncompared) -> str:
    """Returns the exchange of something, on both sides: "session 0, exchange 2 (live 3), POST /api/v1/stream"."""
    recorded, live = one.at.exchange, one.live_at.exchange
    parts = [] if one.session is None else [f"session {one.session}"]
    if isinstance(one, Uncompared) and one.session is None and one.live_session is not None:
        parts.append(f"live session {one.live_session}")
    if recorded is not None:
        parts.append(f"exchange {recorded}" + ("" if live is None else f" (live {live})"))
    elif live is not None:
        parts.append(f"live exchange {live}")
    return ", ".join([*parts, *([one.request] if one.request else [])]) or "everything"


def inside(one: Difference) -> str:
    """Returns the place of a difference in its exchange: "event 3 (live 4) progress /step"."""
    parts = [event_place(one.at, one.live_at), one.event, one.pointer]
    return " ".join(part for part in parts if part)


def event_place(at: Place, live_at: Place) -> str:
    """Returns the event on both sides, "" for places that are none."""
    if at.event is not None:
        return f"event {at.event}" + ("" if live_at.event is None else f" (live {live_at.event})")
    return "" if live_at.event is None else f"live event {live_at.event}"


def what(one: Difference) -> str:
    """Returns aspect and change of a difference: "texts changed"."""
    return f"{one.aspect} {one.change}"
