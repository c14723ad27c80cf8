"""Runs the requests of a cassette's sessions against a live chatbot, and records its responses as a cassette."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from cassettes.file.reader import Cassette
from cassettes.tokens.sessions import Sessions
from comparison.live_run.conversation_plan import plan, timeline
from comparison.live_run.recorded_chatbot import RecordedChatbot
from comparison.live_run.run_result import ExchangeResult, LiveRunResult
from comparison.live_run.run_settings import LiveRunSettings
from comparison.live_run.session_run import RunContext, SessionRun
from foundation.clock import SECOND, SYSTEM, Clock
from foundation.errors import ChatreelError
from foundation.temporary_files import temporary_root
from foundation.timers import Timers, open_timers, sleep_until
from recorder.open_recording import open_recording
from recorder.recorder import Recorder
from replayer.forwarding.upstream import Upstream

type Progress = Callable[[int, int], None]
"""Is called with the number of sessions that are done, and that of all."""

MOST_BEHIND = 200
"""Exchanges that may wait to be written before another session begins."""

LOOK_EVERY, MOST_LOOKS = SECOND // 100, 1000
"""Microseconds between two looks whether the writer has caught up, and looks in a row without any progress of it."""


def quiet(_done: int, _total: int) -> None:
    """Does nothing, for runs that show no progress."""


@contextlib.contextmanager
def recording_at(save: Path | None) -> Iterator[Path]:
    """Gives the path of the live recording: `save`, or else a temporary file that is removed at the end."""
    if save is not None:
        yield save
        return
    with tempfile.TemporaryDirectory(prefix="chatreel-", dir=temporary_root()) as folder:
        yield Path(folder) / "live.jsonl"


async def run_live(
    cassette: Cassette,
    sessions: Sessions,
    out: Path,
    settings: LiveRunSettings,
    *,
    report: Callable[[str], None],
    progress: Progress = quiet,
    force: bool = False,
    clock: Clock = SYSTEM,
    timers: Timers | None = None,
) -> LiveRunResult:
    """Makes the requests of the sessions of an open cassette to the live chatbot; records into the new cassette `out`.

    Returns what became of each exchange; whatever the chatbot does is a result. `report` gets lines for a person, from
    other threads too; `force` replaces `out`. `timers` are of the running loop. What was recorded is kept when the task
    is cancelled. Raises CassetteError when a cassette cannot be read or written, UsageError for settings that do not
    fit together.
    """
    patience = settings.timeout / SECOND
    upstream = Upstream(settings.origin, settings.authority, patience=patience)
    recorder = open_recording(
        out, upstream=settings.origin, force=force, rules=settings.all_rules,
        keep=settings.keep,
        secrets=settings.credentials.secrets, clock=clock, report=report, sums_up=False,
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        stack.callback(recorder.close)
        own = timers or stack.enter_context(contextlib.closing(open_timers(clock)))
        chatbot = RecordedChatbot(upstream, recorder)
        context = RunContext(cassette, chatbot, settings, clock, own, settings.secret_headers)
        run = LiveRun(context, sessions, recorder, progress)
        try:
            await run.run()
        except BaseExceptionGroup as group:
            raise first_of(group) from None
    return run_result(run.results, out, whole=recorder.whole)


class LiveRun:
    """Runs all sessions; `results` has what became of each exchange, by its number in the cassette."""

    def __init__(
        self, context: RunContext, sessions: Sessions, recorder: Recorder, progress: Progress
    ) -> None:
        self.results: dict[int, ExchangeResult] = {}
        self._context = context
        self._sessions = sessions
        self._recorder = recorder
        self._progress = progress
        self._done = 0
        cassette = context.cassette
        self._times = timeline(cassette.request(number) for number in range(len(cassette)))

    async def run(self) -> None:
        """Run every session, as many side by side as the settings say."""
        free = asyncio.Semaphore(self._context.settings.concurrency)
        began = self._context.timers.now()
        self._progress(0, len(self._sessions))
        async with asyncio.TaskGroup() as group:
            for session in range(len(self._sessions)):
                await free.acquire()
                await self._wait_for_writer()
                if self._context.settings.pace == "recorded":
                    first = self._sessions.exchanges(session)[0]
                    await sleep_until(self._context.timers, began + self._times[first])
                group.create_task(self._run_session(session, free))

    async def _wait_for_writer(self) -> None:
        """Wait until the writer is no longer far behind, or makes no progress any more.

        A proxy cannot wait for its writer; a live run can, and so loses nothing.
        """
        written, looks = self._recorder.exchanges, 0
        while self._recorder.behind > MOST_BEHIND and looks < MOST_LOOKS:
            await sleep_until(self._context.timers, self._context.timers.now() + LOOK_EVERY)
            before, written = written, self._recorder.exchanges
            looks = looks + 1 if before == written else 0

    async def _run_session(self, session: int, free: asyncio.Semaphore) -> None:
        exchanges, public = self._sessions.exchanges(session), self._sessions.public
        own = frozenset(name.lower() for name, _ in self._context.settings.credentials.headers)
        recorded = plan(self._context.cassette, exchanges, public, self._times, own)
        session_run = SessionRun(self._context, recorded)
        await session_run.run()
        self.results |= session_run.results
        self._done += 1
        self._progress(self._done, len(self._sessions))
        free.release()


def run_result(results: dict[int, ExchangeResult], out: Path, *, whole: bool) -> LiveRunResult:
    """Returns the result of a run whose recording is closed, with live exchanges by their numbers in the file."""
    with Cassette.open(out) as live:
        numbers: dict[int, int] = {live.request(number).exchange: number for number in range(len(live))}
    lost = "" if whole else "the live recording is incomplete"
    return LiveRunResult(
        exchanges=tuple(renumbered(results[number], numbers) for number in sorted(results)), lost=lost
    )


def renumbered(result: ExchangeResult, numbers: dict[int, int]) -> ExchangeResult:
    """Returns the result with its live exchanges as the file numbers them; those that are not in it were lost."""
    live = tuple(numbers[number] for number in result.live if number in numbers)
    if len(live) == len(result.live):
        return replace(result, live=live)
    return replace(result, how="gave-up", live=live, why=result.why or "its answer could not be recorded")


def first_of(group: BaseExceptionGroup) -> BaseException:
    """Returns the error with which a run ends: the first that Chatreel raises itself, or else the first."""
    errors = list(leaves(group))
    return next((error for error in errors if isinstance(error, ChatreelError)), errors[0])


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Yields the errors in a group, and in the groups in it."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from leaves(one)
    else:
        yield error
