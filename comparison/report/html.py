"""Writes a report as one HTML page that needs nothing else: no script, and nothing that is loaded.

All that was received or recorded is untrusted: the template escapes every value, and the page's policy (Content
Security Policy, level 3) lets a browser run nothing and load nothing, whatever is in the page.
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
from comparison.result import Difference
from foundation.printable import one_line

MOST_LISTED = 500
"""Differences that a page lists, and as many exchanges that could not be compared."""


def page(
    report: Report, drawings: Sequence[Drawing], undrawn: int = 0, most_listed: int = MOST_LISTED
) -> bytes:
    """Returns the page in UTF-8; `undrawn` is the number of exchanges with differences that are not drawn."""
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
        groups=clean(list(groups(report.differences[:most_listed]))),
        gaps=clean([{"where": where(gap), "why": gap.why} for gap in report.uncompared[:most_listed]]),
        unlisted=unlisted(report, most_listed),
    )


def read(name: str) -> str:
    """Returns a file of this package as text."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def policy(style: str) -> str:
    """Returns the content security policy that allows nothing but the page's own style, by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def groups(differences: Sequence[Difference]) -> Iterator[dict[str, Any]]:
    """Yields the differences of each exchange; they are numbered from 1 on the whole page."""
    numbered = enumerate(differences, 1)
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


def unlisted(report: Report, most_listed: int) -> list[str]:
    """Returns in words what the page counts and does not list."""
    counts = (
        (report.found - min(len(report.differences), most_listed), "more differences"),
        (report.gaps - min(len(report.uncompared), most_listed), "more exchanges that could not be compared"),
    )
    return [f"{count} {name}" for count, name in counts if count]


def clean(value: Any) -> Any:
    """Returns a value as plain data with printable texts only, which can be written as UTF-8 and hide nothing."""
    value = msgspec.to_builtins(value)
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {name: clean(one) for name, one in value.items()}
    return value
