"""What faults would do, found without a server."""

from __future__ import annotations

import json

import pytest

from cassettes.samples import samples
from replayer.faults.language.plan import plan_of
from replayer.faults.preview.rehearsal import Rehearsal
from replayer.matching.index import MatchIndex
from replayer.schedule.actions import Data, Head
from replayer.schedule.pace import Pace
from replayer.selection.recordings import Recordings


@pytest.fixture
def rehearse():
    def rehearse(path, number, *lines, seed=0, pace=Pace()):  # noqa: B008 - immutable
        index = MatchIndex()
        with Recordings.open([path], index.add) as recordings:
            return Rehearsal(recordings, index, plan_of(lines, seed), pace).until(number)

    return rehearse


def status(found):
    [head] = [action for action in found.after if isinstance(action, Head)]
    return head.status


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("forget-job from-poll=2", [202, 200, 404, 404, 404]),
        ("forget-job from-poll=2 polls=1", [202, 200, 404, 200, 200]),
        ("status code=503 nth=3", [202, 200, 503, 200, 200]),
        ("status code=503 exchange=1", [202, 503, 200, 200, 200]),
        ("status code=503 path=/jobs/* session=0", [202, 503, 503, 503, 503]),
        ("status code=503 session=1", [202, 200, 200, 200, 200]),
        ("expire-session after-requests=2", [202, 200, 401, 401, 401]),
        ("expire-session after-time=1ms", [202, 401, 401, 401, 401]),
        ("status code=503 after=80ms", [202, 503, 503, 503, 503]),
    ],
)
def test_it_counts_as_if_the_recorded_client_came_again(rehearse, line, expected):
    found = [rehearse(samples()["job"], number, line) for number in range(5)]
    assert [status(one) for one in found] == expected
    assert [one.faults for one in found] == [[line] if code >= 400 else [] for code in expected]
    assert all(isinstance(one.before[0], Head) and one.before[0].status < 300 for one in found)


def test_chances_are_those_of_the_seed(rehearse):
    def hit(seed):
        line = "status code=503 probability=0.5"
        return tuple(
            status(rehearse(samples()["job"], number, line, seed=seed)) == 503 for number in range(5)
        )

    assert hit(1) == hit(1)
    assert len({hit(seed) for seed in range(5)}) > 1


def test_the_pace(rehearse):
    whole = rehearse(samples()["stream"], 0, "delay time=1s", pace=Pace(speed=float("inf")))
    assert {action.at for action in whole.before} == {0}
    assert {action.at for action in whole.after} == {1_000_000}


def test_another_sessions_answer(rehearse, tmp_path):
    lines = [{"chatreel": 1, "created": "2026-11-22T12:00:00.000000Z", "recorder": "test"}]
    for number, who in enumerate(("anna", "ben")):
        at = {"exchange": number, "at": number}
        request = {"method": "GET", "url": "http://bot/me", "http": "1.1", "headers": []}
        lines += [
            {"kind": "request", **at, **request},
            {"kind": "response", **at, "status": 200, "reason": "OK", "headers": []},
            {"kind": "chunk", **at, "data": who},
            {"kind": "end", **at, "how": "complete"},
        ]
    path = tmp_path / "two.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    after = rehearse(path, 0, "swap-session").after
    assert [action.data for action in after if isinstance(action, Data)] == [b"ben"]


def test_a_fault_remembers_what_it_did_to_the_answers_before(rehearse):
    stuck = rehearse(samples()["job"], 4, "stuck-job at-poll=2")
    (repeated,) = [action.data for action in stuck.after if isinstance(action, Data)]
    assert json.loads(repeated)["latest_progress"]["progress"] == 50


def test_time_goes_on_where_a_second_recording_begins_anew(rehearse, tmp_path):
    def recording(at):
        times = {"exchange": 0, "at": at}
        return [
            {"chatreel": 1, "created": "2026-11-22T12:00:00.000000Z", "recorder": "test"},
            {"kind": "request", **times, "method": "GET", "url": "http://bot/", "http": "1.1", "headers": []},
            {"kind": "response", **times, "status": 200, "reason": "OK", "headers": []},
            {"kind": "end", **times, "how": "complete"},
        ]

    path = tmp_path / "joined.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in [*recording(1_000_000), *recording(0)]))
    found = [rehearse(path, number, "status code=503 after=500ms") for number in (0, 1)]
    assert [status(one) for one in found] == [503, 503]
