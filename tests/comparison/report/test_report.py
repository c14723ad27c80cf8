from __future__ import annotations

import json

import pytest

from comparison.report.report import ReportLimits, plain, reported
from comparison.result import Difference, Place, SessionComparison, Uncompared
from tests.comparison.mutants import sample
from tests.comparison.report.reports import hostile, label, report_on, steps

DIFFERENCE = Difference(
    aspect="values", change="changed", at=Place(exchange=0), live_at=Place(exchange=4), why="w"
)
GAP = Uncompared(why="nobody asks this", session=0, live_session=1, at=Place(exchange=2))


def session(*differences: Difference, gaps: tuple[Uncompared, ...] = (), cut: int = 0) -> SessionComparison:
    return SessionComparison(
        session=0, live_session=1, pairs=((0, 4), (1, 5)), differences=differences, uncompared=gaps, cut=cut
    )


def report_of(*sessions: SessionComparison, **options):
    return reported(sessions, names=("a", "b"), label=label, **options)


@pytest.mark.parametrize(
    ("sessions", "verdict"),
    [
        ([], "could-not-compare"),
        ([session()], "same"),
        ([session(DIFFERENCE)], "different"),
        ([session(gaps=(GAP,))], "could-not-compare"),
        ([session(), session(DIFFERENCE, gaps=(GAP,))], "different"),
        ([session(cut=1)], "different"),
        ([SessionComparison(session=None, live_session=3, uncompared=(GAP,))], "could-not-compare"),
    ],
)
def test_the_verdict(sessions, verdict):
    assert report_of(*sessions).verdict == verdict


def test_each_exchange_has_a_case_and_what_is_only_live_comes_last():
    only_live = Uncompared(
        why="new", session=0, live_session=1, live_at=Place(exchange=9), request="GET /new"
    )
    cases = report_of(session(DIFFERENCE, gaps=(only_live, GAP))).cases
    assert [(one.exchange, one.live_exchange, one.differences, one.uncompared) for one in cases] == [
        (0, 4, 1, 0),
        (1, 5, 0, 0),
        (2, None, 0, 1),
        (None, 9, 0, 1),
    ]
    assert [one.request for one in cases] == [*[label(0)] * 3, "GET /new"]


def test_a_question_that_could_not_be_compared_does_not_count_as_compared():
    gap = Uncompared(why="no answer", session=0, live_session=1, at=Place(exchange=1))
    assert report_of(session(gaps=(gap,))).exchanges == 1


def test_what_is_beyond_the_bounds_is_counted():
    both = session(DIFFERENCE, DIFFERENCE, gaps=(GAP,), cut=5)
    limits = ReportLimits(differences=3, uncompared=1, notes=2)
    report = report_of(both, both, notes=("one", "two", "one", "three"), limits=limits)
    assert (len(report.differences), report.found, len(report.uncompared), report.gaps) == (3, 14, 1, 2)
    assert report.unlisted == "11 more differences and 1 more that could not be compared"
    assert report.notes == ["one", "two", "1 more notes of this kind"]


def test_a_program_gets_everything_as_json():
    report = report_on(steps("a", "b"), steps("a", "c"))
    told = json.loads(json.dumps(plain(report)))
    assert (told["verdict"], told["found"], told["gaps"], told["exchanges"]) == ("different", 1, 0, 1)
    [one] = told["differences"]
    assert (one["aspect"], one["pointer"], one["at"]) == ("values", "/step", {"exchange": 0, "event": 1})
    assert (one["recorded"], one["live"]) == ('"b"', '"c"')
    assert json.loads(json.dumps(plain(report_on(*hostile()))))["found"] == report_on(*hostile()).found


def test_the_same_is_the_same():
    assert report_on(sample("job"), sample("job")).verdict == "same"
