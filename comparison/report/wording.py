"""The words of a report that all its forms share."""

from __future__ import annotations

from comparison.report.report import Report
from comparison.result import Difference, Place, Uncompared

VERDICTS = {"same": "same", "different": "DIFFERENT", "could-not-compare": "COULD NOT COMPARE"}


def headline(report: Report) -> str:
    """What was compared, and the verdict."""
    return f"{VERDICTS[report.verdict]}: {report.recorded} and {report.live}"


def extent(report: Report) -> str:
    """How much was compared, and what was found."""
    parts = [
        f"{plural(report.exchanges, 'question')} of {plural(report.sessions, 'session')} compared",
        plural(report.found, "difference"),
    ]
    if report.gaps:
        parts.append(f"{report.gaps} could not be compared")
    return ", ".join(parts)


def breakdown(report: Report) -> str:
    """How many differences of each aspect, most readers' first question."""
    return ", ".join(f"{aspect} {count}" for aspect, count in report.aspects)


def plural(count: int, what: str) -> str:
    """A count of something."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def where(one: Difference | Uncompared) -> str:
    """The exchange on both sides: session 0, exchange 2 (live 3), POST /api/v1/stream."""
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
    """The place in the exchange: event 3 (live 4) progress /step."""
    parts = [event_place(one.at, one.live_at), one.event, one.pointer]
    return " ".join(part for part in parts if part)


def event_place(at: Place, live_at: Place) -> str:
    """The event on both sides."""
    if at.event is not None:
        return f"event {at.event}" + ("" if live_at.event is None else f" (live {live_at.event})")
    return "" if live_at.event is None else f"live event {live_at.event}"


def what(one: Difference) -> str:
    """What is different: texts changed."""
    return f"{one.aspect} {one.change}"
