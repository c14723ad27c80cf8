"""Outcomes as JUnit XML in the dialect that CI servers read: a suite for each category, a test case for each case."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from chatreel.conformance.categories import CATEGORIES
from chatreel.conformance.outcome import Outcome
from foundation.clock import SECOND
from foundation.printable import printable


def document(outcomes: Sequence[Outcome]) -> ET.ElementTree[ET.Element]:
    """The document of all outcomes."""
    root = ET.Element("testsuites", {"name": "chatreel check", **counts(outcomes)})
    for category in CATEGORIES:
        own = [outcome for outcome in outcomes if outcome.case.category is category]
        if own:
            suite = ET.SubElement(root, "testsuite", {"name": category.name, **counts(own)})
            suite.extend(map(test_case, own))
    return ET.ElementTree(root)


def counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The attributes of a suite: how many passed, failed and were skipped, and the time."""
    verdicts = [outcome.verdict for outcome in outcomes]
    return {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count("failed")),
        "errors": "0",
        "skipped": str(verdicts.count("skipped")),
        "time": seconds(sum(outcome.took for outcome in outcomes)),
    }


def test_case(outcome: Outcome) -> ET.Element:
    """The element of a case, with what failed or why it was skipped."""
    case = outcome.case
    element = ET.Element(
        "testcase",
        {"classname": case.category.name, "name": f"{case.id} {case.title}", "time": seconds(outcome.took)},
    )
    if outcome.verdict != "passed":
        kind = "failure" if outcome.verdict == "failed" else "skipped"
        # XML 1.0 has no way at all to write most control characters.
        ET.SubElement(element, kind, {"message": printable(outcome.remark)})
    return element


def seconds(microseconds: int) -> str:
    """A number of microseconds in seconds, as JUnit writes a time."""
    return f"{microseconds / SECOND:.3f}"
