from __future__ import annotations

import io
from xml.etree import ElementTree as ET

from comparison.report.junit import document
from comparison.report.report import Report
from tests.comparison.mutants import sample, with_response
from tests.comparison.report.reports import hostile, report_on, steps


def parsed(report: Report) -> ET.Element:
    """The suite, as a CI server reads it."""
    data = io.BytesIO()
    document(report).write(data, encoding="utf-8", xml_declaration=True)
    root = ET.fromstring(data.getvalue())  # noqa: S314 - our own
    [suite] = root
    assert root.tag == "testsuites"
    assert root.attrib | {"name": suite.get("name"), "skipped": "0"} == suite.attrib
    return suite


def test_the_same_is_a_case_that_passes():
    suite = parsed(report_on(sample("stream"), sample("stream")))
    assert suite.attrib == {
        "name": "a.jsonl, b.jsonl",
        "tests": "1",
        "failures": "0",
        "errors": "0",
        "skipped": "0",
    }
    [case] = suite
    assert case.attrib == {"classname": "session 0", "name": "exchange 0: POST /api/v1/stream"}
    assert list(case) == []


def test_differences_are_one_failure_of_their_case():
    suite = parsed(report_on(steps("a", "b", "d"), steps("a", "c")))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    [[failure]] = suite
    assert failure.tag == "failure"
    assert failure.get("message") == "the value is another (and 1 more)"
    assert '    recorded: "b"\n    live:     "c"\n' in failure.text
    assert "a recorded event never came" in failure.text


def test_what_could_not_be_compared_is_an_error():
    suite = parsed(report_on(sample("stream"), sample("job")))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "2")
    assert [case.get("classname") for case in suite] == ["session 0", "live session 0"]
    assert [case.find("error").get("message") for case in suite] == [
        "no live session asks this",
        "no recorded session asks this",
    ]


def test_a_run_that_compared_nothing_is_an_error():
    suite = parsed(Report(recorded="a", live="b"))
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    assert suite[0].find("error").get("message") == "nothing could be compared"


def test_a_job_has_cases_for_the_polls_that_differ():
    suite = parsed(report_on(sample("job"), with_response(sample("job"), 4, status=500)))
    assert [case.get("name").partition(":")[0] for case in suite] == ["exchange 0", "exchange 4"]
    assert [len(case) for case in suite] == [0, 1]


def test_hostile_recordings_are_text():
    suite = parsed(report_on(*hostile()))
    [[failure]] = suite
    assert "<script>" in failure.text
    assert failure.text.replace("\n", "").isprintable()
