"""Sends requests to the live chatbot, and records the exchanges as the proxy would record them."""

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

LONGEST_RESPONSE = 3600
"""Seconds after which a response that has not ended is given up."""

LARGEST_RESPONSE = 256 << 20
"""Bytes of a body after which a response is given up."""

MOST_KEPT = 4 << 20
"""Bytes of a body that are kept in memory, to look for tokens in them."""

MOST_UNANSWERED = 10
"""Requests in a row without any response, after which no more are sent."""


class IncomingResponse:
    """The response to a live request, as far as it has arrived; `number` is that of its exchange in the live recording.

    `pieces` counts the pieces of the body that arrived. `gave_up` says why the rest was not waited for. `hung_up` says
    that the connection was closed where the recorded client had closed it, and `broken` how it ended too early.
    """

    def __init__(
        self,
        number: model.RecordingExchange,
        request: model.Request,
        head: RequestHead,
        record: Callable[[TrafficEvent], None],
    ) -> None:
        self.number = number
        self._record = record
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
        """Tells whether the exchange has ended."""
        return self._assembly.state is ExchangeState.ENDED

    @property
    def too_large(self) -> bool:
        """Tells whether the body has more than LARGEST_RESPONSE bytes."""
        return self._size > LARGEST_RESPONSE

    def take(self, event: TrafficEvent) -> None:
        """Record one more event of the exchange."""
        self._record(event)
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
        if self._size <= MOST_KEPT:
            self._records += records

    def exchange(self) -> model.Exchange:
        """Returns the exchange as far as it has arrived, with the first MOST_KEPT bytes of the body."""
        return assemble(model.CassetteExchange(self.number), self._request, self._records)

    def why_unanswered(self) -> str:
        """Returns in words why there is no response; "" when there is one, or none was waited for."""
        if self.head is not None or self.hung_up:
            return ""
        words = {"server-closed": "it closed the connection", "reset": "it reset the connection"}
        how = self.broken.how if self.broken else "unfinished"
        return (self.broken.message if self.broken else "") or f"{words.get(how, how)} without an answer"


class RecordedChatbot:
    """The live chatbot, to which all sessions of a live run send their requests."""

    def __init__(self, upstream: Upstream, recorder: Recorder) -> None:
        self.origin = upstream.origin
        self._upstream = upstream
        self._recorder = recorder
        self._unanswered = 0
        self._last_failure = ""

    @property
    def unavailable(self) -> str:
        """Returns in words why no more requests are sent to it; "" while they are."""
        if self._unanswered < MOST_UNANSWERED:
            return ""
        return (
            f"{MOST_UNANSWERED} requests in a row had no answer ({self._last_failure}), so no more were made"
        )

    async def send(
        self,
        request: model.Request,
        step: PlannedExchange,
        on_event: Callable[[IncomingResponse], None],
    ) -> IncomingResponse:
        """Sends the live request for a recorded exchange, and records its response.

        Returns the response once it has ended, or once it was left where the recorded client had left it. Calls
        `on_event` after each event of the response.
        """
        response = self._begin(request)
        try:
            await self._receive(response, request, step, on_event)
        except asyncio.CancelledError:
            if not response.ended:
                response.take(Broken(self._recorder.at(), "client-closed"))
            raise
        self._count_unanswered(response, step)
        return response

    def _begin(self, request: model.Request) -> IncomingResponse:
        at, number = self._recorder.at(), self._recorder.begin()
        head = RequestHead(at, request.method, request.url, request.http, request.headers)
        self._recorder.see(number, head)
        if request.body:
            self._recorder.see(number, RequestData(at, request.body))
        response = IncomingResponse(number, request, head, partial(self._recorder.see, number))
        response.take(RequestEnd(at))
        return response

    async def _receive(
        self,
        response: IncomingResponse,
        request: model.Request,
        step: PlannedExchange,
        on_event: Callable[[IncomingResponse], None],
    ) -> None:
        """Send the request and take its response; leave it when the time is over."""
        left_before_head = step.pieces is not None and not step.answered
        longest = (step.ended - step.at) / SECOND if left_before_head else LONGEST_RESPONSE
        try:
            async with (
                asyncio.timeout(longest),
                aclosing(self._upstream.send(request, self._recorder.at)) as events,
            ):
                await self._take_events(events, response, step, on_event)
        except TimeoutError:
            if left_before_head:
                self._hang_up(response)
            else:
                self._give_up(response, f"the answer went on for more than {LONGEST_RESPONSE} seconds")

    async def _take_events(
        self,
        events: AsyncGenerator[TrafficEvent],
        response: IncomingResponse,
        step: PlannedExchange,
        on_event: Callable[[IncomingResponse], None],
    ) -> None:
        """Take events until the response ends, becomes too large, or comes to where the recorded client left it."""
        async for event in events:
            response.take(event)
            on_event(response)
            if response.ended:
                return
            if step.pieces is not None and step.answered and response.pieces >= step.pieces:
                self._hang_up(response)
                return
            if response.too_large:
                self._give_up(response, f"the answer has more than {LARGEST_RESPONSE >> 20} MiB")
                return

    def _hang_up(self, response: IncomingResponse) -> None:
        response.hung_up = True
        response.take(Broken(self._recorder.at(), "client-closed"))

    def _give_up(self, response: IncomingResponse, why: str) -> None:
        response.gave_up = why
        response.take(Broken(self._recorder.at(), "error", why))

    def _count_unanswered(self, response: IncomingResponse, step: PlannedExchange) -> None:
        """Count requests in a row without a response; those that had none in the recording do not count."""
        if response.head is not None:
            self._unanswered = 0
        elif step.answered:
            self._unanswered += 1
            self._last_failure = response.why_unanswered()
