"""The two sides of a comparison: two recordings, or a recording and a live run of its requests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cassettes.file.reader import Cassette
from cassettes.tokens.sessions import Sessions
from chatreel.cli.stderr import report_line
from chatreel.workflows.open_cassettes import open_with_sessions
from comparison.compare import compare_sessions
from comparison.conversation.recorded_sessions import Conversation, RecordedSessions
from comparison.live_run import LiveRunSettings, recording_at, run_live
from comparison.live_run.compare_live import LiveConversations, compare_live
from comparison.result import SessionComparison
from comparison.rules.comparison_rules import ComparisonRules
from foundation.clock import SECOND, SYSTEM, Clock
from foundation.errors import UsageError
from foundation.http.urls import path_and_query

type Progress = Callable[[str, int, int], None]
"""Called with what is going on, how many sessions are done, and how many there are."""


class Sides(NamedTuple):
    """A comparison that is made while its sessions are iterated.

    `names` are those of both sides; `label` gives method and path of a recorded exchange by its number; `conversations`
    gives both sides of a session that both have; `notes` say what live requests lacked.
    """

    names: tuple[str, str]
    sessions: Iterator[SessionComparison]
    label: Callable[[int], str]
    conversations: Callable[[SessionComparison], tuple[Conversation, Conversation]]
    notes: Sequence[str] = ()


@contextlib.contextmanager
def opened(paths: Sequence[Path]) -> Iterator[list[tuple[Cassette, Sessions]]]:
    """Open cassettes and find their sessions, while the context lasts. Raises CassetteError."""
    with contextlib.ExitStack() as stack:
        found = []
        for path in paths:
            cassette, sessions = open_with_sessions(path)
            stack.enter_context(cassette)
            for remark in (*cassette.warnings, *loss_lines(cassette)):
                report_line(remark)
            found.append((cassette, sessions))
        yield found


def loss_lines(cassette: Cassette) -> Iterator[str]:
    """A line for each loss of a cassette, as what is missing is not compared."""
    for loss in cassette.losses:
        if loss.records:
            yield f"{cassette.path}: {loss.records} records were lost while it was recorded: {loss.reason}"


@contextlib.contextmanager
def two_recordings(
    paths: Sequence[Path], rules: ComparisonRules, progress: Progress, time_limit: int
) -> Iterator[Sides]:
    """Compare two cassettes while the context lasts, for at most `time_limit` microseconds. Raises CassetteError.

    The sessions raise UsageError when that time is over.
    """
    with opened(paths) as cassettes:
        one, other = (RecordedSessions(*each) for each in cassettes)

        def conversations(session: SessionComparison) -> tuple[Conversation, Conversation]:
            assert session.session is not None
            assert session.live_session is not None
            return one.conversation(session.session), other.conversation(session.live_session)

        yield Sides(
            names=(str(paths[0]), str(paths[1])),
            sessions=in_time(
                with_progress(compare_sessions(one, other, rules), len(one), progress), len(one), time_limit
            ),
            label=labels(cassettes[0][0]),
            conversations=conversations,
        )


@contextlib.contextmanager
def live_run(
    path: Path,
    settings: LiveRunSettings,
    rules: ComparisonRules,
    progress: Progress,
    *,
    save: Path | None,
    force: bool,
) -> Iterator[Sides]:
    """Send a cassette's requests to a live chatbot, and compare its responses while the context lasts.

    The responses are kept in the cassette `save`, when that is given. Raises CassetteError.
    """
    with opened([path]) as [(cassette, sessions)], recording_at(save) as out:
        result = asyncio.run(
            run_live(
                cassette,
                sessions,
                out,
                settings,
                report=report_line,
                progress=lambda done, total: progress("asking", done, total),
                force=force,
            )
        )
        with Cassette.open(out) as live:
            recorded, answered = (
                RecordedSessions(cassette, sessions),
                LiveConversations(sessions, live, result),
            )

            def conversations(session: SessionComparison) -> tuple[Conversation, Conversation]:
                assert session.session is not None
                return recorded.conversation(session.session), answered.conversation(session.session)

            yield Sides(
                names=(str(path), settings.origin),
                sessions=with_progress(compare_live(recorded, answered, rules), len(recorded), progress),
                label=labels(cassette),
                conversations=conversations,
                notes=[note for one in result.exchanges for note in one.notes],
            )


def with_progress(
    sessions: Iterator[SessionComparison], total: int, progress: Progress
) -> Iterator[SessionComparison]:
    """The same sessions, with progress reported for each; there may be more than `total`, the recorded ones."""
    for done, session in enumerate(sessions, 1):
        progress("comparing", done, max(done, total))
        yield session


def in_time(
    sessions: Iterator[SessionComparison], total: int, time_limit: int, clock: Clock = SYSTEM
) -> Iterator[SessionComparison]:
    """The same sessions, as long as not more microseconds have passed. Raises UsageError."""
    end = clock.now() + time_limit
    for done, session in enumerate(sessions, 1):
        if clock.now() > end:
            raise UsageError(
                f"compared {done} of {max(done, total)} sessions in {time_limit / SECOND:g} s:"
                " give a longer --time-limit"
            )
        yield session


def labels(cassette: Cassette) -> Callable[[int], str]:
    """A function from the number of an exchange to its method and path."""

    def label(number: int) -> str:
        request = cassette.request(number)
        return f"{request.method} {path_and_query(request.url)[0]}"

    return label
