"""Sends requests for the page, and records them, with what comes back, in one cassette for all of them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path
from typing import cast

from cassettes import model
from foundation.clock import SYSTEM
from inspector.request_errors import TooLarge
from inspector.workspace.uploads import UploadFolder
from recorder.assembly import AnyEvent, Broken, RequestData, RequestEnd, RequestHead, ResponseData
from recorder.open_recording import open_recording
from recorder.recorder import Recorder
from replayer.forwarding.reverse_proxy import upstream_request
from replayer.forwarding.upstream import Upstream

LONGEST = 3600
"""Seconds after which a response that has not ended is given up."""

LARGEST = 64 << 20
"""Bytes of a body after which a response is given up."""

MOST_UNDER_WAY = 16
"""Requests that wait for their responses at once, at most."""


class RequestSender:
    """Sends requests, and records them in a temporary cassette, with their secrets replaced; `path` is None before."""

    def __init__(self, folder: UploadFolder) -> None:
        self.path: Path | None = None
        self._folder = folder
        self._recorder: Recorder | None = None
        self._opening = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    async def send(self, request: model.Request, origin: str) -> int:
        """Send a request to an origin, and return its number in the cassette; its response is recorded as it arrives.

        Raises TooLarge when too many are under way, CassetteError and UsageError when none can be recorded.
        """
        if len(self._under_way) >= MOST_UNDER_WAY:
            raise TooLarge(f"{MOST_UNDER_WAY} requests are under way already")
        recorder = await self._open()
        sent = upstream_request(request, origin)
        number, at = recorder.begin(), recorder.at()
        recorder.see(number, RequestHead(at, sent.method, sent.url, sent.http, sent.headers))
        if sent.body:
            recorder.see(number, RequestData(at, sent.body))
        recorder.see(number, RequestEnd(at))
        task = asyncio.create_task(self._receive(recorder, number, sent, Upstream(origin)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return number

    async def _open(self) -> Recorder:
        async with self._opening:
            if self._recorder is None:
                self.path = self._folder.new_path("sent.jsonl")
                self._recorder = await asyncio.to_thread(
                    open_recording, self.path, clock=SYSTEM, report=lambda _line: None
                )
            return self._recorder

    async def _receive(
        self, recorder: Recorder, number: model.RecordingExchange, request: model.Request, upstream: Upstream
    ) -> None:
        """Record the response until it ends, takes too long or is too large."""
        size = 0
        try:
            async with asyncio.timeout(LONGEST), aclosing(upstream.send(request, recorder.at)) as events:
                async for event in events:
                    recorder.see(number, cast("AnyEvent", event))
                    size += len(event.data) if isinstance(event, ResponseData) else 0
                    if size > LARGEST:
                        why = f"the answer has more than {LARGEST >> 20} MiB"
                        recorder.see(number, Broken(recorder.at(), "error", why))
                        return
        except TimeoutError:
            why = f"the answer went on for more than {LONGEST} seconds"
            recorder.see(number, Broken(recorder.at(), "error", why))

    def close(self) -> None:
        """Give up the responses that are under way, and close the cassette."""
        for task in self._under_way:
            task.cancel()
        if self._recorder is not None:
            self._recorder.close()
