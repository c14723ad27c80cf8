"""A report as one page that needs nothing else: no script, nothing from elsewhere, and two time lines drawn.

All that was received or recorded is untrusted: every value is escaped where the page takes it in, and the page's own
policy (Content Security Policy, level 3) lets a browser run nothing and load nothing, whatever it holds.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

import msgspec
from tornado.template import Template

from comparison.report.report import Report
from comparison.report.svg import Drawing
from comparison.report.wording import VERDICTS, breakdown, extent, inside, what, where
from foundation.printable import one_line

MOST_LISTED = 500
"""Differences, and gaps, that a page lists."""


def page(report: Report, drawings: Sequence[Drawing], undrawn: int = 0) -> bytes:
    """The page, in UTF-8; `undrawn` counts the sessions with differences for which there is no drawing."""
    style = read("page.css")
    return Template(read("page.html"), whitespace="oneline").generate(
        policy=policy(style),
        style=style,
        verdict=report.verdict,
        verdict_name=VERDICTS[report.verdict],
        report=clean(msgspec.structs.asdict(report)),
        extent=extent(report),
        breakdown=breakdown(report),
        drawings=clean(list(drawings)),
        undrawn=undrawn,
        groups=clean(list(groups(report))),
        gaps=clean([{"where": where(gap), "why": gap.why} for gap in report.uncompared[:MOST_LISTED]]),
        unlisted=unlisted(report),
    )


def read(name: str) -> str:
    """A part of the page."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def policy(style: str) -> str:
    """Nothing but the page's own style, by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def groups(report: Report) -> Iterator[dict[str, Any]]:
    """The differences of each exchange, numbered from 1 through the page."""
    numbered = enumerate(report.differences[:MOST_LISTED], 1)
    for place, group in groupby(numbered, lambda one: where(one[1])):
        yield {
            "where": place,
            "differences": [
                {
                    "number": number,
                    "inside": inside(one),
                    "what": what(one),
                    "why": one.why,
                    "recorded": one.recorded,
                    "live": one.live,
                }
                for number, one in group
            ],
        }


def unlisted(report: Report) -> list[str]:
    """What the page leaves out, for a person."""
    counts = (
        (report.found - min(len(report.differences), MOST_LISTED), "more differences"),
        (report.gaps - min(len(report.uncompared), MOST_LISTED), "more exchanges that could not be compared"),
    )
    return [f"{count} {name}" for count, name in counts if count]


def clean(value: Any) -> Any:
    """Plain data in which every text is printable, so that nothing hides and all of it is UTF-8."""
    value = msgspec.to_builtins(value)
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {name: clean(one) for name, one in value.items()}
    return value
