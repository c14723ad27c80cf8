from __future__ import annotations

import pytest

from replayer.faults.editing.substitute import instead
from replayer.faults.injection.pipeline import FaultStage, through
from replayer.http1.encoder import script
from replayer.schedule.actions import Data, Finish, Head, Idle
from tests.replayer.faults.apply_faults import MS, answer, stream


def given(status, body, headers=(), schedule=None):
    return through(schedule or answer(b"{}"), instead(status, body, headers))


def test_another_answer_comes_when_the_answer_would_begin():
    assert given(404, '{"error": "Job not found"}', schedule=stream(b"data: 1\n\n", b"data: 2\n\n")) == (
        Head(100 * MS, 404, "Not Found", (("Content-Type", "application/json"), ("Content-Length", "26"))),
        Data(100 * MS, b'{"error": "Job not found"}'),
        Finish(100 * MS, "complete"),
    )


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (500, "broken", (), [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "6")]),
        (500, "é", (), [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "2")]),
        (500, "[1]", (), [("Content-Type", "application/json"), ("Content-Length", "3")]),
        (500, "", (), [("Content-Length", "0")]),
        (500, "\udcff", (), [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "1")]),
        (503, "1", (("content-type", "a/b"),), [("content-type", "a/b"), ("Content-Length", "1")]),
        (503, "", (("Retry-After", "7"),), [("Retry-After", "7"), ("Content-Length", "0")]),
        (
            200,
            "{}",
            (("Content-Length", "9"),),
            [("Content-Type", "application/json"), ("Content-Length", "9")],
        ),
        (204, "nothing", (), []),
        (599, "", (), [("Content-Length", "0")]),
    ],
)
def test_headers_describe_the_body_unless_they_are_given(status, body, headers, expected):
    head = given(status, body, headers)[0]
    assert list(head.headers) == expected


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_none(status):
    head, end = given(status, "ignored")
    assert (head.status, end.how) == (status, "complete")


def test_where_the_connection_would_end_without_an_answer_there_is_one():
    assert [type(step) for step in given(404, "", schedule=(Finish(5, "reset"),))] == [Head, Finish]


def test_a_live_upstream_is_not_waited_for():
    passage = FaultStage(instead(401, ""))
    assert [(type(step), step.at) for step in passage.feed(Idle(10))] == [(Head, 10), (Finish, 10)]
    assert list(passage.feed(Head(20, 200, "OK", ()))) == []


def test_a_head_request_is_told_the_length_only():
    assert script(given(404, "gone"), "HEAD").frames[-1].data.endswith(b"Content-Length: 4\r\n\r\n")
