"""A report as plain data, for programs."""

from __future__ import annotations

from typing import Any

import msgspec

from comparison.report.report import Report


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
