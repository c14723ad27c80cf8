"""A live run: asks a chatbot everything that a cassette's clients asked, and records what it answers."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cassettes.file.reader import Cassette
from cassettes.tokens.sessions import Sessions
from comparison.live_run.conversation_plan import plan, timeline
from comparison.live_run.recorded_chatbot import RecordedChatbot
from comparison.live_run.run_result import ExchangeResult, LiveRunResult
from comparison.live_run.run_settings import LiveRunSettings
from comparison.live_run.session_run import SessionRun, Stage
from foundation.clock import SECOND, SYSTEM, Clock
from foundation.errors import ChatreelError
from foundation.timers import Timers, open_timers, sleep_until
from recorder.open_recording import open_recording
from recorder.recorder import Recorder
from replayer.forwarding.upstream import Upstream

type Progress = Callable[[int, int], None]
"""Is told how many sessions are done, and of how many."""

MOST_BEHIND = 200
"""Exchanges that the writer may be behind before another session begins."""

LOOK, MOST_LOOKS = SECOND // 100, 1000
"""How often to look whether it has caught up, and how often in a row that it got nowhere."""


def quiet(_done: int, _total: int) -> None:
    """Show no progress."""


@contextlib.contextmanager
def recording_at(save: Path | None) -> Iterator[Path]:
    """Where the live recording goes: the file that is wanted, else one that is removed at the end."""
    if save is not None:
        yield save
        return
    with tempfile.TemporaryDirectory(prefix="chatreel-") as folder:
        yield Path(folder) / "live.jsonl"


async def run_live(
    cassette: Cassette,
    sessions: Sessions,
    out: Path,
    settings: LiveRunSettings,
    *,
    say: Callable[[str], None],
    progress: Progress = quiet,
    force: bool = False,
    clock: Clock = SYSTEM,
    timers: Timers | None = None,
) -> LiveRunResult:
    """Ask the live chatbot what the sessions of an open cassette asked, and record it into the new cassette `out`.

    `say` gets lines for a person, on another thread too; `force` replaces `out`. Timers are of the running loop. A task
    that is cancelled keeps what was recorded. Raises CassetteError when a cassette cannot be read or written, and
    UsageError for settings that cannot be; whatever the chatbot does is a result.
    """
    patience = settings.timeout / SECOND
    upstream = Upstream(settings.origin, settings.authority, patience=patience)
    recorder = open_recording(
        out, upstream=settings.origin, force=force, rules=[*settings.rules, *settings.credentials.rules],
        secrets=settings.credentials.secrets, clock=clock, report=say,
    )  # fmt: skip
    with contextlib.ExitStack() as stack:
        stack.callback(recorder.close)
        own = timers or stack.enter_context(contextlib.closing(open_timers(clock)))
        chatbot = RecordedChatbot(upstream, recorder)
        stage = Stage(cassette, chatbot, settings, clock, own, settings.secret_headers)
        run = LiveRun(stage, sessions, recorder, progress)
        try:
            await run.everything()
        except BaseExceptionGroup as group:
            raise first_of(group) from None
    return result(run.asked, out, whole=recorder.whole)


class LiveRun:
    """All conversations of a live run; `asked` has what became of each exchange."""

    def __init__(self, stage: Stage, sessions: Sessions, recorder: Recorder, progress: Progress) -> None:
        self.asked: dict[int, ExchangeResult] = {}
        self._stage = stage
        self._sessions = sessions
        self._recorder = recorder
        self._progress = progress
        self._done = 0
        cassette = stage.cassette
        self._times = timeline(cassette.request(number) for number in range(len(cassette)))

    async def everything(self) -> None:
        """Hold every conversation, as many side by side as the settings say."""
        free = asyncio.Semaphore(self._stage.settings.concurrency)
        began = self._stage.timers.now()
        self._progress(0, len(self._sessions))
        async with asyncio.TaskGroup() as group:
            for session in range(len(self._sessions)):
                await free.acquire()
                await self._caught_up()
                if self._stage.settings.pace == "recorded":
                    first = self._sessions.exchanges(session)[0]
                    await sleep_until(self._stage.timers, began + self._times[first])
                group.create_task(self._converse(session, free))

    async def _caught_up(self) -> None:
        """Wait for a writer that is far behind, as production cannot: unless it does not get on any more."""
        written, looks = self._recorder.exchanges, 0
        while self._recorder.behind > MOST_BEHIND and looks < MOST_LOOKS:
            await sleep_until(self._stage.timers, self._stage.timers.now() + LOOK)
            before, written = written, self._recorder.exchanges
            looks = looks + 1 if before == written else 0

    async def _converse(self, session: int, free: asyncio.Semaphore) -> None:
        exchanges, public = self._sessions.exchanges(session), self._sessions.public
        own = frozenset(name.lower() for name, _ in self._stage.settings.credentials.headers)
        recorded = plan(self._stage.cassette, exchanges, public, self._times, own)
        conversation = SessionRun(self._stage, recorded)
        await conversation.hold()
        self.asked |= conversation.asked
        self._done += 1
        self._progress(self._done, len(self._sessions))
        free.release()


def result(asked: dict[int, ExchangeResult], out: Path, *, whole: bool) -> LiveRunResult:
    """The result, once the recording is closed: live exchanges by their numbers in the file."""
    with Cassette.open(out) as live:
        numbers: dict[int, int] = {live.request(number).exchange: number for number in range(len(live))}
    lost = "" if whole else "the live recording is incomplete"
    return LiveRunResult(
        exchanges=tuple(renumbered(asked[number], numbers) for number in sorted(asked)), lost=lost
    )


def renumbered(asked: ExchangeResult, numbers: dict[int, int]) -> ExchangeResult:
    """With its live exchanges as the file counts them; one that did not get there was not recorded."""
    live = tuple(numbers[one] for one in asked.live if one in numbers)
    if len(live) == len(asked.live):
        return ExchangeResult(how=asked.how, live=live, why=asked.why, notes=asked.notes)
    return ExchangeResult(
        how="gave-up", live=live, why=asked.why or "its answer could not be recorded", notes=asked.notes
    )


def first_of(group: BaseExceptionGroup) -> BaseException:
    """The error that ended a run: one that is for a person, if there is any."""
    errors = list(leaves(group))
    return next((error for error in errors if isinstance(error, ChatreelError)), errors[0])


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors in a group of groups."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from leaves(one)
    else:
        yield error
