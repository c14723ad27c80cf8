"""One conversation with the live chatbot: a recorded session's requests, in their order and at their pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.views import jobs
from comparison.live_run.conversation_plan import ConversationPlan, PlannedExchange
from comparison.live_run.cookie_jar import Jar
from comparison.live_run.learned_tokens import LearnedTokens
from comparison.live_run.live_request import Client, LiveRequest, escaped, live_target, question
from comparison.live_run.polling import LiveJob, gap_of, next_gap
from comparison.live_run.recorded_chatbot import Answer, RecordedChatbot
from comparison.live_run.run_result import ExchangeResult
from comparison.live_run.run_settings import LiveRunSettings
from foundation.clock import SECOND, Clock
from foundation.http.headers import values
from foundation.http.urls import path_and_query
from foundation.timers import Timers, sleep_until

BROKEN = frozenset({"reset", "server-closed"})
"""How a chatbot can end a connection instead of an answer, and do so again."""

PUNCTUAL = SECOND // 100
"""By how much the loop may be late without moving what comes after."""


class Stage(NamedTuple):
    """What all conversations of a live run share."""

    cassette: Cassette
    chatbot: RecordedChatbot
    settings: LiveRunSettings
    clock: Clock
    timers: Timers
    secret_headers: frozenset[str]


class SessionRun:
    """Asks what one recorded session asked. `asked` has what became of its exchanges.

    A request waits for the answers that had ended before it was made. One that was made while another answer was under
    way keeps its distance to the request before it, at any pace, unless that answer ends earlier.
    """

    def __init__(self, stage: Stage, plan: ConversationPlan) -> None:
        self.asked: dict[int, ExchangeResult] = {}
        self._stage = stage
        self._plan = plan
        self._tokens = LearnedTokens(plan.finder.values)
        self._jar = Jar(stage.settings.credentials.cookies)
        self._jobs: dict[int, LiveJob] = {}
        self._running: dict[int, PlannedExchange] = {}
        self._answers: dict[int, Answer] = {}  # those that are under way
        self._news = asyncio.Event()
        self._waiting = False  # for a token that an answer under way may still issue
        self._last: tuple[PlannedExchange, int] | None = None  # the step that began last, and when

    async def hold(self) -> None:
        """Ask everything. Raises CassetteError when the cassette cannot be read."""
        async with asyncio.TaskGroup() as group:
            for step in self._plan.steps:
                due = self._due(step)
                await self._turn(step, due)
                self._last = step, self._begins(due)
                self._running[step.number] = step
                group.create_task(self._take(step))

    # when

    def _begins(self, due: int) -> int:
        """When a step begins, for the distance to the next one: on time, if it does so but for the loop's turns."""
        now = self._stage.timers.now()
        return due if due <= now < due + PUNCTUAL else now

    def _due(self, step: PlannedExchange) -> int:
        """When a request is due, if nothing else holds it up."""
        if self._last is None:
            return self._stage.timers.now()
        before, began = self._last
        return began + step.at - before.at

    async def _turn(self, step: PlannedExchange, due: int) -> None:
        """Wait until it is a step's turn."""
        await self._until(lambda: all(other.ended > step.at for other in self._running.values()))
        if self._stage.settings.pace == "recorded":
            await sleep_until(self._stage.timers, due)
        elif self._running:
            await self._until(lambda: not self._running or self._stage.timers.now() >= due, due)
        self._waiting = True
        await self._until(lambda: not self._awaited(step))
        self._waiting = False

    async def _until(self, ready: Callable[[], bool], due: int | None = None) -> None:
        """Wait until something holds, which is looked at when there are news, and at the time `due`."""
        alarm = None if due is None else self._stage.timers.call_at(due, self._news.set)
        try:
            while not ready():
                self._news.clear()
                await self._news.wait()
        finally:
            if alarm is not None:
                alarm.cancel()

    # what

    async def _take(self, step: PlannedExchange) -> None:
        try:
            self.asked[step.number] = await self._ask(step)
        finally:
            del self._running[step.number]
            self._answers.pop(step.number, None)
            self._news.set()

    async def _ask(self, step: PlannedExchange) -> ExchangeResult:
        if step.poll is None:
            asked, _ = await self._ask_once(step)
            return asked
        if step.poll.job is None:
            return refused("it polls a job that no answer in its recorded session issued")
        job = self._jobs.get(step.poll.job)
        if job is None:
            return refused(f"the live chatbot issued no job in the place of exchange {step.poll.job}")
        if job.ended and step.poll.turn != "after":
            return ExchangeResult(how="job-ended")
        return await self._poll(step, job)

    async def _poll(self, step: PlannedExchange, job: LiveJob) -> ExchangeResult:
        """Poll a job once, or, where the recorded client got to its end, until the live one ends too."""
        assert step.poll is not None
        gap, done = gap_of(step, self._plan, self._stage.settings.pace), ExchangeResult(how="answered")
        while True:
            if job.polled is not None and (done.live or self._stage.settings.pace == "full"):
                await sleep_until(self._stage.timers, job.polled + gap)
                gap = next_gap(gap)
            job.polled = self._stage.timers.now()
            asked, answer = await self._ask_once(step, job)
            done = ExchangeResult(
                how=asked.how, live=(*done.live, *asked.live), why=asked.why, notes=asked.notes
            )
            if answer is None or asked.why:
                return done
            job.polls += 1
            job.state = jobs.state(answer.exchange())
            if step.poll.turn != "until" or job.over:
                return done
            if self._stage.timers.now() + gap - job.began > self._stage.settings.poll_time:
                seconds = self._stage.settings.poll_time / SECOND
                why = f"the job did not end within {seconds:g} seconds ({job.polls} polls)"
                return ExchangeResult(how="gave-up", live=done.live, why=why, notes=done.notes)

    async def _ask_once(
        self, step: PlannedExchange, job: LiveJob | None = None
    ) -> tuple[ExchangeResult, Answer | None]:
        recorded = self._stage.cassette.request(step.number)
        why = self._stage.chatbot.gone or self._impossible(step, job)
        if why:
            return refused(why), None
        asked = self._question(recorded, step, job)
        began = self._stage.timers.now()
        answer = await self._stage.chatbot.ask(
            asked.request, step, lambda answer: self._heard(step, asked.request, answer)
        )
        self._learn(step.number, answer)
        if step.issues and (issued := jobs.issued(answer.exchange())) is not None:
            self._jobs[step.number] = LiveJob(issued.target, began)
        return outcome(step, answer, asked.notes), answer

    def _question(self, recorded: model.Request, step: PlannedExchange, job: LiveJob | None) -> LiveRequest:
        credentials, secret = self._stage.settings.credentials, self._stage.secret_headers
        client = Client(self._plan.finder, self._tokens, [], credentials, secret)
        where = escaped(job.target) if job else live_target(recorded, client)
        cookies = self._jar.cookies(path_and_query(where)[0], self._stage.clock.wall())
        return question(recorded, step, client._replace(cookies=cookies), self._stage.chatbot.origin, where)

    def _impossible(self, step: PlannedExchange, job: LiveJob | None) -> str:
        """Why a request cannot be made; empty when it can."""
        if not step.whole:
            return "its request was not recorded whole"
        if job is None and (count := len(self._missing(step))):
            what = "a token" if count == 1 else f"{count} tokens"
            return f"it needs {what} that the live chatbot did not issue where the recorded one did"
        return ""

    def _missing(self, step: PlannedExchange) -> list[str]:
        return [value for value in step.needs if value not in self._tokens]

    def _awaited(self, step: PlannedExchange) -> bool:
        """Whether a request has a token that an answer under way may still issue."""
        wanted = [value for value in (*step.needs, *step.mentions) if value not in self._tokens]
        if wanted:
            for number, answer in self._answers.items():
                self._learn(number, answer)
        return bool(self._running) and any(value not in self._tokens for value in wanted)

    # what comes of it

    def _heard(self, step: PlannedExchange, request: model.Request, answer: Answer) -> None:
        """Take what an answer under way tells: cookies with its head, and tokens when a request waits for one."""
        if answer.head is not None and not answer.pieces and not answer.ended:
            path = path_and_query(request.url)[0]
            self._jar.store(values(answer.head.headers, "set-cookie"), path, self._stage.clock.wall())
        self._answers[step.number] = answer
        if self._waiting:
            self._news.set()

    def _learn(self, number: int, answer: Answer) -> None:
        if self._tokens.wanted:
            self._tokens.learn(self._stage.cassette.exchange(number), answer.exchange())


def refused(why: str) -> ExchangeResult:
    """An exchange that could not be asked."""
    return ExchangeResult(how="not-asked", why=why)


def outcome(step: PlannedExchange, answer: Answer, notes: tuple[str, ...]) -> ExchangeResult:
    """What became of an exchange that was asked once."""
    live = (answer.number,)
    if step.broke in BROKEN and answer.broken is not None and answer.broken.how == step.broke:
        return ExchangeResult(how="answered", live=live, notes=notes)
    if why := answer.why():
        return ExchangeResult(how="unanswered", live=live, why=why, notes=notes)
    if why := answer.gave_up:
        return ExchangeResult(how="gave-up", live=live, why=why, notes=notes)
    return ExchangeResult(how="answered", live=live, notes=notes)
