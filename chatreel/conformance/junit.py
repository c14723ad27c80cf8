"""The outcomes as JUnit XML, the dialect that CI servers read: a suite a category, a test case a case."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from chatreel.cli.terminal import printable
from chatreel.conformance.categories import CATEGORIES
from chatreel.conformance.outcome import Outcome
from foundation.clock import SECOND


def document(outcomes: Sequence[Outcome]) -> ET.ElementTree[ET.Element]:
    """The whole document."""
    root = ET.Element("testsuites", {"name": "chatreel check", **counts(outcomes)})
    for category in CATEGORIES:
        own = [outcome for outcome in outcomes if outcome.case.category is category]
        if own:
            suite = ET.SubElement(root, "testsuite", {"name": category.name, **counts(own)})
            suite.extend(map(test_case, own))
    return ET.ElementTree(root)


def counts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The attributes that sum up outcomes."""
    verdicts = [outcome.verdict for outcome in outcomes]
    return {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count("failed")),
        "errors": "0",
        "skipped": str(verdicts.count("skipped")),
        "time": seconds(sum(outcome.took for outcome in outcomes)),
    }


def test_case(outcome: Outcome) -> ET.Element:
    """One case, with what failed or why it was skipped."""
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
    """A time as JUnit has it."""
    return f"{microseconds / SECOND:.3f}"
