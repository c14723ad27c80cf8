"""Which faults can change nothing in a recording."""

from __future__ import annotations

import pytest

from cassettes.samples import samples
from replayer.faults.language.plan import plan_of
from replayer.faults.language.spec import write
from replayer.faults.preview.reach import unreachable
from replayer.matching.index import MatchIndex
from replayer.selection.recordings import Recordings


def idle(sample, *lines, **bounds):
    index = MatchIndex()
    with Recordings.open([samples()[sample]], index.add) as recordings:
        return [write(fault) for fault in unreachable(recordings, index, plan_of(lines), **bounds)]


@pytest.mark.parametrize(
    ("sample", "line"),
    [
        ("stream", "stuck-job"),
        ("stream", "forget-job from-poll=2"),
        ("job", "fail-job at-poll=9"),
        ("job", "forget-job path=/tasks/*"),
        ("job", "drop-event type=progress"),
        ("stream", "drop-event type=thinking"),
        ("stream", "drop-event nth=99"),
        ("stream", "reset after-events=999"),
        ("stream", "status code=503 path=/chats"),
        ("stream", "status code=503 method=DELETE"),
        ("stream", "status code=503 exchange=77"),
        ("stream", "drop-cookie name=none"),
        ("stream", "lose-field pointer=/nowhere"),
    ],
)
def test_faults_that_can_change_nothing(sample, line):
    assert idle(sample, line, "delay time=1s") == [line]


@pytest.mark.parametrize(
    ("sample", "line"),
    [
        ("job", "stuck-job"),
        ("job", "fail-job at-poll=2"),
        ("job", "regress-job"),
        ("job", "expire-session after-requests=99"),
        ("job", "expire-session after-time=3600s"),
        ("stream", "drop-event type=progress nth=2 probability=0"),
        ("stream", "reset after-events=1 session=7 nth=12 after=1000s"),
        ("stream", "status code=503 times=1"),
    ],
)
def test_faults_that_other_clients_could_meet(sample, line):
    assert idle(sample, line) == []


def test_of_a_long_recording_nothing_is_said():
    assert idle("job", "status code=503 path=/chats", most=3) == []
    assert idle("job", "status code=503 path=/jobs/*", most=3) == []
