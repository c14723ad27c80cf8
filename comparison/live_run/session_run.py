"""Makes the requests of one recorded session to the live chatbot, in their order and at their pace.

A request waits for the responses that had ended before it was made. One that was made while another response was under
way keeps its distance to the request before it, at any pace, unless that response ends earlier. With times in seconds:

    recorded  POST /chat  0 to 5      live, full pace  POST /chat  0 to 2
              GET /me     7 to 8                       GET /me     2 to 3     waited for /chat, which had ended before
              GET /a      9 to 12                      GET /a      3 to 6
              GET /b      10 to 11                     GET /b      4 to 5     made 1 s after /a, during its response
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.views import jobs
from cassettes.views.job_states import state
from comparison.live_run.conversation_plan import ConversationPlan, PlannedExchange
from comparison.live_run.cookie_jar import Jar
from comparison.live_run.learned_tokens import LearnedTokens
from comparison.live_run.live_request import LiveClient, LiveRequest, live_request, live_target
from comparison.live_run.polling import LiveJob, gap_of, job_target, next_gap
from comparison.live_run.recorded_chatbot import IncomingResponse, RecordedChatbot
from comparison.live_run.run_result import ExchangeResult
from comparison.live_run.run_settings import LiveRunSettings
from foundation.clock import SECOND, Clock
from foundation.http.headers import values
from foundation.http.urls import path_and_query
from foundation.timers import Timers, sleep_until

BROKEN = frozenset({"reset", "server-closed"})
"""How a chatbot can end a connection without a response; doing so again is what was recorded."""

PUNCTUAL = SECOND // 100
"""Microseconds by which a request may begin late without delaying those after it."""


class RunContext(NamedTuple):
    """What all sessions of a live run share."""

    cassette: Cassette
    chatbot: RecordedChatbot
    settings: LiveRunSettings
    clock: Clock
    timers: Timers
    secret_headers: frozenset[str]


class SessionRun:
    """Makes the requests of one recorded session; `results` has what became of each exchange, by its number."""

    def __init__(self, context: RunContext, plan: ConversationPlan) -> None:
        self.results: dict[int, ExchangeResult] = {}
        self._context = context
        self._plan = plan
        self._tokens = LearnedTokens(plan.finder.values)
        self._jar = Jar(context.settings.credentials.cookies)
        self._jobs: dict[int, LiveJob] = {}  # by the number of the recorded exchange that issued the job
        self._running: dict[int, PlannedExchange] = {}
        self._responses: dict[int, IncomingResponse] = {}  # those that are under way
        self._changed = asyncio.Event()  # set when something may have changed that a step waits for
        self._waiting_for_tokens = False
        self._last: tuple[PlannedExchange, int] | None = None  # the step that began last, and when

    async def run(self) -> None:
        """Make all requests, and wait for their responses. Raises CassetteError when the cassette cannot be read."""
        async with asyncio.TaskGroup() as group:
            for step in self._plan.steps:
                due = self._due(step)
                await self._wait_for_turn(step, due)
                self._last = step, self._began(due)
                self._running[step.number] = step
                group.create_task(self._run_step(step))

    # When a request is made

    def _began(self, due: int) -> int:
        """Returns when a step begins, from which the next one keeps its distance: `due` unless it is clearly late."""
        now = self._context.timers.now()
        return due if due <= now < due + PUNCTUAL else now

    def _due(self, step: PlannedExchange) -> int:
        """Returns when a request is due by its recorded distance to the one before it."""
        if self._last is None:
            return self._context.timers.now()
        before, began = self._last
        return began + step.at - before.at

    async def _wait_for_turn(self, step: PlannedExchange, due: int) -> None:
        await self._wait_until(lambda: all(other.ended > step.at for other in self._running.values()))
        if self._context.settings.pace == "recorded":
            await sleep_until(self._context.timers, due)
        elif self._running:
            await self._wait_until(lambda: not self._running or self._context.timers.now() >= due, due)
        self._waiting_for_tokens = True
        await self._wait_until(lambda: not self._may_still_get_tokens(step))
        self._waiting_for_tokens = False

    async def _wait_until(self, ready: Callable[[], bool], due: int | None = None) -> None:
        """Wait until `ready` holds; it is called after each change, and at the time `due`."""
        alarm = None if due is None else self._context.timers.call_at(due, self._changed.set)
        try:
            while not ready():
                self._changed.clear()
                await self._changed.wait()
        finally:
            if alarm is not None:
                alarm.cancel()

    def _may_still_get_tokens(self, step: PlannedExchange) -> bool:
        """Tells whether a request has a token that a response under way may still issue."""
        missing = [value for value in (*step.needs, *step.mentions) if value not in self._tokens]
        if missing:
            for number, response in self._responses.items():
                self._learn(number, response)
        return bool(self._running) and any(value not in self._tokens for value in missing)

    # What is requested

    async def _run_step(self, step: PlannedExchange) -> None:
        try:
            self.results[step.number] = await self._result_of(step)
        finally:
            del self._running[step.number]
            self._responses.pop(step.number, None)
            self._changed.set()

    async def _result_of(self, step: PlannedExchange) -> ExchangeResult:
        """Makes the request, or the polls, of a step, and returns what became of it."""
        if step.poll is None:
            result, _ = await self._request_once(step)
            return result
        if step.poll.job is None:
            return not_asked("it polls a job that no answer in its recorded session issued")
        job = self._jobs.get(step.poll.job)
        if job is None:
            return not_asked(f"the live chatbot issued no job in the place of exchange {step.poll.job}")
        if job.ended and step.poll.turn != "after":
            return ExchangeResult(how="job-ended")
        return await self._poll(step, job)

    async def _poll(self, step: PlannedExchange, job: LiveJob) -> ExchangeResult:
        """Polls a job once, or, where the recorded poll saw its end, until the live job ends too."""
        assert step.poll is not None
        gap, polled = gap_of(step, self._plan, self._context.settings.pace), ExchangeResult(how="answered")
        while True:
            if job.polled is not None and (polled.live or self._context.settings.pace == "full"):
                await sleep_until(self._context.timers, job.polled + gap)
                gap = next_gap(gap)
            job.polled = self._context.timers.now()
            result, response = await self._request_once(step, job)
            polled = replace(result, live=(*polled.live, *result.live))
            if response is None or result.why:
                return polled
            job.polls += 1
            job.state = state(response.exchange())
            if step.poll.turn != "until" or job.over:
                return polled
            if self._context.timers.now() + gap - job.began > self._context.settings.poll_time:
                seconds = self._context.settings.poll_time / SECOND
                why = f"the job did not end within {seconds:g} seconds ({job.polls} polls)"
                return replace(polled, how="gave-up", why=why)

    async def _request_once(
        self, step: PlannedExchange, job: LiveJob | None = None
    ) -> tuple[ExchangeResult, IncomingResponse | None]:
        """Makes the request of a step, or a poll of a job; returns what became of it, and the response if there is one.

        Without a response the request could not be made.
        """
        recorded = self._context.cassette.request(step.number)
        why = self._context.chatbot.unavailable or self._why_impossible(step, job)
        if why:
            return not_asked(why), None
        live = self._live_request(recorded, step, job)
        began = self._context.timers.now()
        response = await self._context.chatbot.send(
            live.request, step, lambda response: self._on_event(step, live.request, response)
        )
        self._learn(step.number, response)
        if step.issues and (created := jobs.created(response.exchange())) is not None:
            self._jobs[step.number] = LiveJob(created, began)
        return result_of(step, response, live.notes), response

    def _live_request(
        self, recorded: model.Request, step: PlannedExchange, job: LiveJob | None
    ) -> LiveRequest:
        credentials, secret = self._context.settings.credentials, self._context.secret_headers
        client = LiveClient(self._plan.finder, self._tokens, [], credentials, secret)
        target = job_target(recorded, step, job, client) if job else live_target(recorded, client)
        cookies = self._jar.cookies(path_and_query(target)[0], self._context.clock.wall())
        client = client._replace(cookies=cookies)
        return live_request(recorded, step, client, self._context.chatbot.origin, target)

    def _why_impossible(self, step: PlannedExchange, job: LiveJob | None) -> str:
        """Returns in words why a request cannot be made; "" when it can."""
        if not step.whole:
            return "its request was not recorded whole"
        missing = sum(value not in self._tokens for value in step.needs)
        if job is None and missing:
            what = "a token" if missing == 1 else f"{missing} tokens"
            return f"it needs {what} that the live chatbot did not issue where the recorded one did"
        return ""

    # What is learned from the responses

    def _on_event(self, step: PlannedExchange, request: model.Request, response: IncomingResponse) -> None:
        """Store the cookies of a response with its head; let a request look for the token that it waits for."""
        if response.head is not None and not response.pieces and not response.ended:
            path = path_and_query(request.url)[0]
            set_cookies = values(response.head.headers, "set-cookie")
            self._jar.store(set_cookies, path, self._context.clock.wall())
        self._responses[step.number] = response
        if self._waiting_for_tokens:
            self._changed.set()

    def _learn(self, number: int, response: IncomingResponse) -> None:
        """Learn the live values of the tokens that the recorded response, of exchange `number`, issues."""
        if self._tokens.wanted:
            self._tokens.learn(self._context.cassette.exchange(number), response.exchange())


def not_asked(why: str) -> ExchangeResult:
    """Returns the result of an exchange whose request could not be made."""
    return ExchangeResult(how="not-asked", why=why)


def result_of(step: PlannedExchange, response: IncomingResponse, notes: tuple[str, ...]) -> ExchangeResult:
    """Returns what became of an exchange whose request was made once."""
    live = (response.number,)
    if step.broke in BROKEN and response.broken is not None and response.broken.how == step.broke:
        return ExchangeResult(how="answered", live=live, notes=notes)
    if why := response.why_unanswered():
        return ExchangeResult(how="unanswered", live=live, why=why, notes=notes)
    if why := response.gave_up:
        return ExchangeResult(how="gave-up", live=live, why=why, notes=notes)
    return ExchangeResult(how="answered", live=live, notes=notes)
