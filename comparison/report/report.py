"""What a report tells: the differences in their places, and each exchange with its verdict.

However many sessions there are, a report is bounded: what is beyond its bounds is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from comparison.result import ASPECTS, Aspect, Difference, SessionComparison, Uncompared, Verdict

MOST_DIFFERENCES = 1000
MOST_UNCOMPARED = 1000
MOST_NOTES = 20


class ReportCase(msgspec.Struct, kw_only=True):
    """One exchange, or a session without any, and how many differences and gaps it has; the first words for each."""

    session: int | None
    live_session: int | None
    exchange: int | None
    live_exchange: int | None
    request: str
    differences: int = 0
    uncompared: int = 0
    first: str = ""


class Report(msgspec.Struct, kw_only=True):
    """All that is told. `found` and `gaps` count what `differences` and `uncompared` list the beginning of.

    `recorded` and `live` are the names of both sides, `notes` what live requests lacked, on one line each.
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
        """A difference that was found stands; "same" needs that everything was compared, and anything at all."""
        if self.found:
            return "different"
        return "could-not-compare" if self.gaps or not self.exchanges else "same"

    @property
    def aspects(self) -> list[tuple[Aspect, int]]:
        """How many of the listed differences there are of each aspect."""
        counted = Counter(one.aspect for one in self.differences)
        return [(aspect, counted[aspect]) for aspect in ASPECTS if counted[aspect]]

    @property
    def unlisted(self) -> str:
        """What is counted and not listed, for a person; empty when there is nothing."""
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
"""What a recorded exchange asks, for a person: "POST /api/v1/stream"."""


def reported(
    sessions: Iterable[SessionComparison],
    *,
    names: tuple[str, str],
    label: Label,
    notes: Iterable[str] = (),
) -> Report:
    """The report on a comparison of a recorded and a live side of these names."""
    report = Report(recorded=names[0], live=names[1])
    for one in sessions:
        take(report, one, label)
    distinct = list(dict.fromkeys(notes))
    more = len(distinct) - MOST_NOTES
    report.notes = [*distinct[:MOST_NOTES], *([f"{more} more notes of this kind"] if more > 0 else [])]
    return report


def take(report: Report, session: SessionComparison, label: Label) -> None:
    """Add what came of one session."""
    report.sessions += session.session is not None or session.live_session is not None
    left = {gap.at.exchange for gap in session.uncompared}
    report.exchanges += sum(recorded not in left for recorded, _ in session.pairs)
    report.found += len(session.differences) + session.cut
    report.gaps += len(session.uncompared)
    report.differences += session.differences[: MOST_DIFFERENCES - len(report.differences)]
    report.uncompared += session.uncompared[: MOST_UNCOMPARED - len(report.uncompared)]
    report.cases += cases(session, label)


def cases(session: SessionComparison, label: Label) -> Iterator[ReportCase]:
    """Each exchange of a session, in its order; those that only the live side has come last."""
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
    for one in session.differences:
        this = case(one.at.exchange, one.live_at.exchange, one.request)
        this.differences += 1
        this.first = this.first or one.why
    for gap in session.uncompared:
        this = case(gap.at.exchange, gap.live_at.exchange, gap.request)
        this.uncompared += 1
        this.first = this.first or gap.why
    return iter(sorted(found.values(), key=order))


def order(case: ReportCase) -> tuple[bool, int, int]:
    """Where a case stands in its session."""
    return case.exchange is None, case.exchange or 0, case.live_exchange or 0


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON has it: the verdict, both lists with their counts, and what was compared."""
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
