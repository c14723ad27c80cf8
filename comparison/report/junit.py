"""Writes a report as JUnit XML for CI servers: one suite, with a test case for each exchange.

A test case has one failure or error, whose text has all that was found, because some servers read only the first one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from comparison.report.report import Report, ReportCase
from comparison.report.text import difference_lines
from comparison.result import Difference, Uncompared
from foundation.printable import one_line

type Key = tuple[int | None, ...]

NOTHING = "nothing could be compared"


def document(report: Report) -> ET.ElementTree[ET.Element]:
    """Returns the document. A run that compared nothing has an error, so that no server takes it for a success."""
    found: dict[Key, list[Difference | Uncompared]] = defaultdict(list)
    for difference in report.differences:
        found[key(difference)].append(difference)
    for gap in report.uncompared:
        found[key(gap)].append(gap)
    elements = [test_case(case, found) for case in report.cases]
    if not report.exchanges and not report.gaps:
        elements.append(nothing_compared())
    counts = {
        "tests": str(len(elements)),
        "failures": str(sum(element.find("failure") is not None for element in elements)),
        "errors": str(sum(element.find("error") is not None for element in elements)),
    }
    root = ET.Element("testsuites", {"name": "chatreel diff", **counts})
    suite = ET.SubElement(
        root, "testsuite", {"name": one_line(f"{report.recorded}, {report.live}"), **counts, "skipped": "0"}
    )
    suite.extend(elements)
    return ET.ElementTree(root)


def key(one: Difference | Uncompared | ReportCase) -> Key:
    """Returns what a case has in common with what was found in it: the numbers of session and exchange."""
    if isinstance(one, ReportCase):
        exchange, live = one.exchange, one.live_exchange
    else:
        exchange, live = one.at.exchange, one.live_at.exchange
    live_session = None if isinstance(one, Difference) or one.session is not None else one.live_session
    return one.session, live_session, exchange, live if exchange is None else None


def test_case(case: ReportCase, found: dict[Key, list[Difference | Uncompared]]) -> ET.Element:
    """Returns the element of one exchange, with all that was found in it."""
    element = ET.Element("testcase", {"classname": class_of(case), "name": one_line(name_of(case))})
    count = case.differences + case.uncompared
    if count:
        kind = "failure" if case.differences else "error"
        more = f" (and {count - 1} more)" if count > 1 else ""
        wrong = ET.SubElement(element, kind, {"message": one_line(case.first) + more, "type": kind})
        wrong.text = "\n".join(map(one_line, found_lines(found[key(case)])))
    return element


def class_of(case: ReportCase) -> str:
    """Returns the class name of a case: its session, by which CI servers group cases."""
    if case.session is not None:
        return f"session {case.session}"
    return "live recording" if case.live_session is None else f"live session {case.live_session}"


def name_of(case: ReportCase) -> str:
    """Returns the name of a case, which is the same in every run, so that CI servers show its history."""
    if case.exchange is not None:
        return f"exchange {case.exchange}: {case.request}"
    return (
        f"live exchange {case.live_exchange}: {case.request}" if case.live_exchange is not None else "session"
    )


def found_lines(found: list[Difference | Uncompared]) -> Iterator[str]:
    """Yields the lines that describe what was found in an exchange."""
    for one in found:
        if isinstance(one, Difference):
            yield from difference_lines(one)
        else:
            yield f"  could not be compared: {one.why}"


def nothing_compared() -> ET.Element:
    """Returns the element that says that nothing was compared."""
    element = ET.Element("testcase", {"classname": "chatreel diff", "name": "anything was compared"})
    ET.SubElement(element, "error", {"message": NOTHING, "type": "error"})
    return element
