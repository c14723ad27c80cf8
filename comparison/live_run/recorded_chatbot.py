"""The live chatbot: asked over its own connections, and recorded as the proxy would record it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from cassettes import model
from cassettes.file.reader import assemble
from comparison.live_run.conversation_plan import PlannedExchange
from foundation.clock import SECOND
from recorder.assembly import (
    Assembly,
    Broken,
    ExchangeState,
    RequestData,
    RequestEnd,
    RequestHead,
    ResponseData,
    ResponseHead,
    TrafficEvent,
)
from recorder.recorder import Recorder
from replayer.forwarding.upstream import Upstream

LONGEST_ANSWER = 3600
"""Seconds after which an answer that goes on and on is given up."""

LARGEST_ANSWER = 256 << 20
"""Bytes after which it is."""

FOLLOWED = 4 << 20
"""Bytes of a body in which tokens are looked for."""

MOST_UNANSWERED = 10
"""Requests in a row without any answer, after which a chatbot is not asked any more."""


class Answer:
    """What has come back so far; `number` is the exchange's in the live recording.

    `gave_up` says why it was not waited for any longer, `hung_up` that the recorded client did the same.
    """

    def __init__(
        self,
        number: model.RecordingExchange,
        request: model.Request,
        head: RequestHead,
        see: Callable[[TrafficEvent], None],
    ) -> None:
        self.number = number
        self._see = see
        self.head: ResponseHead | None = None
        self.pieces = 0
        self.gave_up = ""
        self.hung_up = False
        self.broken: Broken | None = None
        self._size = 0
        self._request = request
        self._assembly = Assembly(number, head)
        self._records: list[model.AnyRecord] = []

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self._assembly.state is ExchangeState.ENDED

    @property
    def too_large(self) -> bool:
        """Whether there is more of it than anybody wants."""
        return self._size > LARGEST_ANSWER

    def take(self, event: TrafficEvent) -> None:
        """One more event of the exchange, which is recorded."""
        self._see(event)
        records = self._assembly.feed(event)
        if isinstance(event, ResponseHead):
            self.head = event
        elif isinstance(event, ResponseData):
            self.pieces += 1
            self._size += len(event.data)
        elif isinstance(event, Broken):
            self.broken = event
            if event.how == "error" and self.head is not None:
                self.gave_up = event.message
        if self._size <= FOLLOWED:
            self._records += records

    def exchange(self) -> model.Exchange:
        """The exchange as it stands, of a long body only the beginning."""
        return assemble(model.CassetteExchange(self.number), self._request, self._records)

    def why(self) -> str:
        """Why there is no answer, for a person; empty when there is one."""
        if self.head is not None or self.hung_up:
            return ""
        said = {"server-closed": "it closed the connection", "reset": "it reset the connection"}
        how = self.broken.how if self.broken else "unfinished"
        return (self.broken.message if self.broken else "") or f"{said.get(how, how)} without an answer"


class RecordedChatbot:
    """The chatbot behind an upstream, asked by all conversations of a live run."""

    def __init__(self, upstream: Upstream, recorder: Recorder) -> None:
        self.origin = upstream.origin
        self._upstream = upstream
        self._recorder = recorder
        self._unanswered = 0
        self._last = ""

    @property
    def gone(self) -> str:
        """Why it is not asked any more; empty while it is."""
        if self._unanswered < MOST_UNANSWERED:
            return ""
        return f"{MOST_UNANSWERED} requests in a row had no answer ({self._last}), so no more were made"

    async def ask(
        self, request: model.Request, step: PlannedExchange, heard: Callable[[Answer], None]
    ) -> Answer:
        """Send a request for a recorded one, and record what comes back until its end, or until its client hung up.

        `heard` is told after each event.
        """
        answer = self._begin(request)
        try:
            await self._listen(answer, request, step, heard)
        except asyncio.CancelledError:
            if not answer.ended:
                answer.take(Broken(self._recorder.at(), "client-closed"))
            raise
        self._judge(answer, step)
        return answer

    def _begin(self, request: model.Request) -> Answer:
        at, number = self._recorder.at(), self._recorder.begin()
        head = RequestHead(at, request.method, request.url, request.http, request.headers)
        self._recorder.see(number, head)
        if request.body:
            self._recorder.see(number, RequestData(at, request.body))
        answer = Answer(number, request, head, partial(self._recorder.see, number))
        answer.take(RequestEnd(at))
        return answer

    async def _listen(
        self, answer: Answer, request: model.Request, step: PlannedExchange, heard: Callable[[Answer], None]
    ) -> None:
        left_at_once = step.pieces is not None and not step.answered
        longest = (step.ended - step.at) / SECOND if left_at_once else LONGEST_ANSWER
        try:
            async with (
                asyncio.timeout(longest),
                aclosing(self._upstream.answer(request, self._recorder.at)) as events,
            ):
                await self._hear(events, answer, step, heard)
        except TimeoutError:
            if left_at_once:
                self._hang_up(answer)
            else:
                self._give_up(answer, f"the answer went on for more than {LONGEST_ANSWER} seconds")

    async def _hear(
        self,
        events: AsyncGenerator[TrafficEvent],
        answer: Answer,
        step: PlannedExchange,
        heard: Callable[[Answer], None],
    ) -> None:
        async for event in events:
            answer.take(event)
            heard(answer)
            if answer.ended:
                return
            if step.pieces is not None and step.answered and answer.pieces >= step.pieces:
                self._hang_up(answer)
                return
            if answer.too_large:
                self._give_up(answer, f"the answer has more than {LARGEST_ANSWER >> 20} MiB")
                return

    def _hang_up(self, answer: Answer) -> None:
        answer.hung_up = True
        answer.take(Broken(self._recorder.at(), "client-closed"))

    def _give_up(self, answer: Answer, why: str) -> None:
        answer.gave_up = why
        answer.take(Broken(self._recorder.at(), "error", why))

    def _judge(self, answer: Answer, step: PlannedExchange) -> None:
        """Count what has no answer; where the recorded one had none, that tells nothing."""
        if answer.head is not None:
            self._unanswered = 0
        elif step.answered:
            self._unanswered += 1
            self._last = answer.why()
