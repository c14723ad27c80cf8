"""Gathers the results of all sessions as a report: the differences, and each exchange as a case.

A report is bounded, however many sessions there are: what is beyond its limits is only counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from comparison.result import ASPECTS, Aspect, Difference, SessionComparison, Uncompared, Verdict


class ReportLimits(NamedTuple):
    """How many differences, exchanges that could not be compared, and notes a report lists."""

    differences: int = 1000
    uncompared: int = 1000
    notes: int = 20


LIMITS = ReportLimits()


class ReportCase(msgspec.Struct, kw_only=True):
    """One exchange, or a session without any, and how many differences, and gaps in the comparison, it has.

    `first` says in one line why the first of these counts.
    """

    session: int | None
    live_session: int | None
    exchange: int | None
    live_exchange: int | None
    request: str
    differences: int = 0
    uncompared: int = 0
    first: str = ""


class Report(msgspec.Struct, kw_only=True):
    """The results of a comparison, to be printed or written.

    `recorded` and `live` are the names of both sides. `found` and `gaps` count all that was found, of which
    `differences` and `uncompared` list the beginning. `notes` say what live requests lacked, on one line each.
    """

    recorded: str
    live: str
    sessions: int = 0
    exchanges: int = 0
    found: int = 0
    gaps: int = 0
    differences: list[Difference] = []
    uncompared: list[Uncompared] = []
    notes: list[str] = []
    cases: list[ReportCase] = []

    @property
    def verdict(self) -> Verdict:
        """Returns "different" for any difference, and "same" only when something, and everything, was compared."""
        if self.found:
            return "different"
        return "could-not-compare" if self.gaps or not self.exchanges else "same"

    @property
    def aspects(self) -> list[tuple[Aspect, int]]:
        """Returns how many of the listed differences each aspect has, without those that have none."""
        counted = Counter(one.aspect for one in self.differences)
        return [(aspect, counted[aspect]) for aspect in ASPECTS if counted[aspect]]

    @property
    def unlisted(self) -> str:
        """Returns in words what is counted and not listed; "" when everything is listed."""
        parts = [
            f"{count} more {what}"
            for count, what in (
                (self.found - len(self.differences), "differences"),
                (self.gaps - len(self.uncompared), "that could not be compared"),
            )
            if count
        ]
        return " and ".join(parts)


type Label = Callable[[int], str]
"""Returns the request of a recorded exchange, given by its number, for a person: "POST /api/v1/stream"."""


def reported(
    sessions: Iterable[SessionComparison],
    *,
    names: tuple[str, str],
    label: Label,
    notes: Iterable[str] = (),
    limits: ReportLimits = LIMITS,
) -> Report:
    """Returns the report on a comparison of two sides with these `names` (recorded, live)."""
    report = Report(recorded=names[0], live=names[1])
    for session in sessions:
        add_session(report, session, label, limits)
    distinct = list(dict.fromkeys(notes))
    more = len(distinct) - limits.notes
    report.notes = [*distinct[: limits.notes], *([f"{more} more notes of this kind"] if more > 0 else [])]
    return report


def add_session(report: Report, session: SessionComparison, label: Label, limits: ReportLimits) -> None:
    """Add the results of one session."""
    report.sessions += session.session is not None or session.live_session is not None
    uncompared = {gap.at.exchange for gap in session.uncompared}
    report.exchanges += sum(recorded not in uncompared for recorded, _ in session.pairs)
    report.found += len(session.differences) + session.cut
    report.gaps += len(session.uncompared)
    report.differences += session.differences[: limits.differences - len(report.differences)]
    report.uncompared += session.uncompared[: limits.uncompared - len(report.uncompared)]
    report.cases += cases(session, label)


def cases(session: SessionComparison, label: Label) -> Iterator[ReportCase]:
    """Yields a case for each exchange of a session, in their order; those that only the live side has come last."""
    found: dict[tuple[int | None, int | None], ReportCase] = {}

    def case(exchange: int | None, live: int | None, request: str = "") -> ReportCase:
        key = (exchange, None) if exchange is not None else (None, live)
        if key not in found:
            name = label(exchange) if exchange is not None else request
            found[key] = ReportCase(
                session=session.session,
                live_session=session.live_session,
                exchange=exchange,
                live_exchange=live,
                request=name,
            )
        return found[key]

    for recorded, live in session.pairs:
        case(recorded, live)
    for difference in session.differences:
        this = case(difference.at.exchange, difference.live_at.exchange, difference.request)
        this.differences += 1
        this.first = this.first or difference.why
    for gap in session.uncompared:
        this = case(gap.at.exchange, gap.live_at.exchange, gap.request)
        this.uncompared += 1
        this.first = this.first or gap.why
    return iter(sorted(found.values(), key=order))


def order(case: ReportCase) -> tuple[bool, int, int]:
    """Returns by what the cases of a session are sorted."""
    return case.exchange is None, case.exchange or 0, case.live_exchange or 0


def plain(report: Report) -> dict[str, Any]:
    """Returns the report as plain data for JSON: the verdict, what was compared, and both lists with their counts."""
    return {
        "verdict": report.verdict,
        "recorded": report.recorded,
        "live": report.live,
        "sessions": report.sessions,
        "exchanges": report.exchanges,
        "found": report.found,
        "gaps": report.gaps,
        "differences": msgspec.to_builtins(report.differences),
        "uncompared": msgspec.to_builtins(report.uncompared),
        "notes": report.notes,
    }
