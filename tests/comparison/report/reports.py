"""Reports on two conversations, for tests."""

from __future__ import annotations

from comparison.compare import compare_sessions
from comparison.conversation.recorded_sessions import RecordedSessions
from comparison.report.gallery import Gallery
from comparison.report.html import page
from comparison.report.report import Report, reported
from comparison.rules.comparison_rules import STRICT, ComparisonRules
from tests.cassettes.talk import Talk
from tests.comparison.mutants import event, stream

NASTY = '\x1b[2J</script><script>alert(1)</script>"><img src=x onerror=alert(1)>\u202e\ud800\n]]>'


def label(_number: int) -> str:
    return "POST /api/v1/stream"


def report_on(recorded: Talk, live: Talk, rules: ComparisonRules = STRICT) -> Report:
    sessions = compare_sessions(RecordedSessions.of(recorded), RecordedSessions.of(live), rules)
    return reported(sessions, names=("a.jsonl", "b.jsonl"), label=label)


def page_on(
    recorded: Talk,
    live: Talk,
    rules: ComparisonRules = STRICT,
    *,
    most_drawings: int = 20,
    most_listed: int = 500,
) -> str:
    ours, theirs = RecordedSessions.of(recorded), RecordedSessions.of(live)
    gallery = Gallery(
        lambda one: (ours.conversation(one.session or 0), theirs.conversation(one.live_session or 0)),
        rules,
        most_drawings,
    )
    sessions = gallery.drawing(compare_sessions(ours, theirs, rules))
    report = reported(sessions, names=("a.jsonl", "b.jsonl"), label=label)
    return page(report, gallery.drawings, gallery.undrawn, most_listed).decode()


def steps(*names: str) -> Talk:
    """A stream with a progress event for each of these."""
    return stream([event("progress", step=name, number=place) for place, name in enumerate(names)])


def hostile() -> tuple[Talk, Talk]:
    """Two recordings that say all that could break a page, a terminal or a document."""
    return (
        stream([event(f"x{NASTY[4:40]}", **{NASTY: "before"}), event("y", title=f"old {NASTY}")]),
        stream([event(f"x{NASTY[4:40]}", **{NASTY: "after"}), event("y", title=f"new {NASTY}")]),
    )
