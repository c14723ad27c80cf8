"""A catalogue of changes: each is served by a replay with a fault, and the comparison names it and nothing else."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from cassettes.samples import resolve, samples
from chatreel.cli.common_options import url
from chatreel.workflows.diff_sources import live_run
from chatreel.workflows.threaded_server import Threaded
from comparison.live_run import LiveRunSettings
from comparison.result import SessionComparison
from comparison.rules.comparison_rules import ComparisonRules, parse_rules
from foundation.clock import SECOND
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

PAGE = Path(__file__).parents[2] / "docs" / "diff.md"

STREAM = "POST /api/v1/stream"
FAILING = "POST /api/v1/stream/error"
POLL = "GET /jobs/*"

CATALOGUE = [
    # Events.
    ("stream", "drop-event type=progress nth=2", "events", "removed", STREAM, "progress", ""),
    ("stream", "drop-event type=result", "events", "removed", STREAM, "result", ""),
    ("stream", "drop-event type=complete", "events", "removed", STREAM, "complete", ""),
    ("stream", "duplicate-event type=result", "events", "duplicated", STREAM, "result", ""),
    ("stream", "duplicate-event type=progress nth=3", "events", "duplicated", STREAM, "progress", ""),
    ("stream", "rename-event to=answer type=result", "events", "renamed", STREAM, "result", ""),
    ("stream", "rename-event to=message nth=1", "events", "renamed", STREAM, "progress", ""),
    ("stream", "reorder-events type=progress first=2", "events", "moved", STREAM, "progress", ""),
    (
        "stream",
        'insert-event event=progress data={"progress": 60} after-events=3',
        "events",
        "added",
        STREAM,
        "progress",
        "",
    ),
    (
        "stream",
        'insert-event event=error data={"error": "x"} after-events=3',
        "events",
        "added",
        STREAM,
        "error",
        "",
    ),
    ("stream", "no-last-blank-line", "events", "changed", STREAM, "complete", ""),
    ("error", "drop-event type=error", "events", "removed", FAILING, "error", ""),
    # What events say.
    (
        "stream",
        "edit-event pointer=/details/documents_found remove",
        "structure",
        "removed",
        STREAM,
        "progress",
        "/details/documents_found",
    ),
    (
        "stream",
        'edit-event pointer=/details/documents_found set="12" nth=2',
        "structure",
        "retyped",
        STREAM,
        "progress",
        "/details/documents_found",
    ),
    (
        "stream",
        "edit-event pointer=/details/documents_found set=13 nth=2",
        "values",
        "changed",
        STREAM,
        "progress",
        "/details/documents_found",
    ),
    (
        "stream",
        "edit-event pointer=/mood set=1 type=complete",
        "structure",
        "added",
        STREAM,
        "complete",
        "/mood",
    ),
    (
        "stream",
        "edit-event pointer=/response set='I do not know.' type=result",
        "values",
        "changed",
        STREAM,
        "result",
        "/response",
    ),
    (
        "stream",
        "edit-event pointer=/sources/1/title set=Another type=result",
        "values",
        "changed",
        STREAM,
        "result",
        "/sources/1/title",
    ),
    (
        "stream",
        "edit-event pointer=/sources/2 remove type=result",
        "structure",
        "removed",
        STREAM,
        "result",
        "/sources/2",
    ),
    (
        "stream",
        "edit-event pointer=/metadata/memory_enabled set=false type=result",
        "values",
        "changed",
        STREAM,
        "result",
        "/metadata/memory_enabled",
    ),
    (
        "stream",
        "edit-event pointer=/progress set=5 nth=3",
        "values",
        "changed",
        STREAM,
        "progress",
        "/progress",
    ),
    (
        "stream",
        "edit-event pointer=/progress set=51 nth=3",
        "values",
        "changed",
        STREAM,
        "progress",
        "/progress",
    ),
    ("stream", "corrupt-event how=json type=result", "structure", "retyped", STREAM, "result", ""),
    ("stream", "corrupt-event how=cut type=result", "structure", "retyped", STREAM, "result", ""),
    ("stream", "corrupt-event how=utf8 type=result", "structure", "retyped", STREAM, "result", ""),
    # Heads.
    ("stream", "status code=503", "status", "changed", STREAM, "", ""),
    ("health", "status code=503", "status", "changed", "GET /health", "", ""),
    ("stream", "header drop=Cache-Control", "headers", "removed", STREAM, "", "cache-control"),
    ("stream", "header set=X-Accel-Buffering:yes", "headers", "changed", STREAM, "", "x-accel-buffering"),
    ("stream", "content-type value=text/plain", "content-type", "changed", STREAM, "", "content-type"),
    ("stream", "drop-cookie name=session_id", "cookies", "removed", STREAM, "", "session_id"),
    ("job", "drop-cookie name=session_id", "cookies", "removed", STREAM, "", "session_id"),
    # Endings.
    ("stream", "truncate after-events=4", "ending", "changed", STREAM, "", ""),
    ("stream", "truncate fraction=0.5", "ending", "changed", STREAM, "", ""),
    ("stream", "reset after-events=4", "ending", "changed", STREAM, "", ""),
    ("stream", "bad-chunk after-events=3", "ending", "changed", STREAM, "", ""),
    ("job", "empty path=/jobs/* nth=2", "ending", "changed", POLL, "", ""),
    ("job", "refuse path=/jobs/* nth=2", "ending", "changed", POLL, "", ""),
    # Jobs.
    ("job", "forget-job from-poll=2", "status", "changed", POLL, "", ""),
    ("job", "expire-session after-requests=2", "status", "changed", POLL, "", ""),
    ("job", "fail-job at-poll=3", "ending", "changed", POLL, "", "/status"),
    ("job", "regress-job at-poll=2", "values", "changed", POLL, "", "/latest_progress/progress"),
    (
        "job",
        "lose-field pointer=/result/sources path=/jobs/*",
        "structure",
        "removed",
        POLL,
        "",
        "/result/sources",
    ),
    (
        "job",
        "lose-field pointer=/result/response path=/jobs/*",
        "structure",
        "removed",
        POLL,
        "",
        "/result/response",
    ),
    # Times, which are compared when they are asked for.
    ("stream", "delay time=1200ms", "timing", "changed", STREAM, "", ""),
    ("stream", "stall after-events=3 time=1200ms", "timing", "changed", STREAM, "", ""),
]
"""The sample, the fault, and the difference that it is: aspect, change, request, event, pointer."""


@pytest.fixture
def replay() -> Iterator[Callable[..., str]]:
    """Starts a replay of a sample with a fault, and tokens that nobody had before; gives its origin."""
    with contextlib.ExitStack() as stack:

        def start(sample: str, *faults: str, pace: Pace) -> str:
            options = ReplayOptions(plan=plan_of(faults), seed=7)
            settings = ReplaySettings(listen=("127.0.0.1", 0), admin=None, pace=pace, options=options)

            @contextlib.asynccontextmanager
            async def run() -> AsyncIterator[str]:
                async with replay_server([resolve(sample)], settings, lambda _line: None) as started:
                    yield url(*started.address)

            return stack.enter_context(Threaded(run))

        yield start


def compared(sample: str, origin: str, rules: ComparisonRules) -> list[SessionComparison]:
    settings = LiveRunSettings(origin=origin, timeout=10 * SECOND)
    with live_run(resolve(sample), settings, rules, lambda *_: None, save=None, force=False) as sides:
        return list(sides.sessions)


def differences_of(sessions: list[SessionComparison]) -> list[tuple[str, ...]]:
    found = [one for session in sessions for one in session.differences]
    return [(one.aspect, one.change, one.request, one.event, one.pointer) for one in found]


@pytest.mark.parametrize(("sample", "fault", "expected"), [(s, f, tuple(d)) for s, f, *d in CATALOGUE])
def test_a_change_is_the_one_difference(replay, sample, fault, expected):
    timed = expected[0] == "timing"
    origin = replay(sample, fault, pace=Pace(speed=1 if timed else math.inf))
    sessions = compared(sample, origin, parse_rules(["+timing"] if timed else []))
    assert differences_of(sessions) == [expected]
    assert not any(session.uncompared for session in sessions)


@pytest.mark.parametrize("sample", samples())
def test_fresh_tokens_are_no_difference(replay, sample):
    sessions = compared(sample, replay(sample, pace=Pace(speed=math.inf)), parse_rules())
    assert [(session.differences, session.uncompared) for session in sessions] == [((), ())]


@pytest.mark.parametrize("sample", samples())
@pytest.mark.parametrize("pace", [0.0, 0.02])
def test_the_chatbot_that_was_recorded_is_the_same_at_another_time_and_pace(sample, pace):
    settings = ChatbotSettings(pace=pace, workers_cookie=True)
    with Threaded(lambda: server.run(settings)) as origin:
        sessions = compared(sample, origin, parse_rules())
    assert [(session.differences, session.uncompared) for session in sessions] == [((), ())]


def test_the_readme_has_the_figures():
    """Every case above is found and nothing else is, or it fails: so the catalogue's length is all there is to say."""
    changes = len(CATALOGUE)
    assert f"{changes} changes: {changes} found, none missed, none false" in " ".join(
        PAGE.read_text().split()
    )
