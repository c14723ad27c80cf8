"""Recognises and compares large requests in a process, as the selector and the misses do with small ones."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence

import msgspec

from cassettes.model import Request
from replayer.exchange_number import ReplayExchange
from replayer.http1.incoming import Incoming
from replayer.large.shared_file import shared_file
from replayer.large.worker import Worker
from replayer.large.worker_messages import (
    CompareRequest,
    Done,
    LoadRequest,
    RequestCompared,
    RequestLoaded,
    RequestTranslated,
    SaveBody,
    TranslateRequest,
)
from replayer.matching.differences import RequestDifference
from replayer.matching.index import MatchIndex
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.recordings import Recordings
from replayer.selection.selector import Recognised
from replayer.selection.token_translation import translated

MOST_OWNERS = 8
"""Client sessions that a large request is tried with, when it has tokens of several."""


class LargeRequests:
    """Handles large requests with `worker`; see LargeRequest."""

    def __init__(
        self, worker: Worker, recordings: Recordings, index: MatchIndex, sessions: ClientSessions
    ) -> None:
        self._worker = worker
        self._recordings = recordings
        self._index = index
        self._sessions = sessions

    @contextlib.asynccontextmanager
    async def load(self, request: Request, pieces: Sequence[bytes] = ()) -> AsyncIterator[LargeRequest]:
        """Load a request in the process, which is for it alone while the context lasts; raises LargeWorkFailed.

        `pieces` has its body when the request itself has none.
        """
        async with self._worker.reserved():
            yield LargeRequest(self._worker, self._recordings, self._index, self._sessions, request, pieces)


class LargeRequest:
    """A request that the process has loaded, or is about to load. Every method raises LargeWorkFailed."""

    def __init__(
        self,
        worker: Worker,
        recordings: Recordings,
        index: MatchIndex,
        sessions: ClientSessions,
        request: Request,
        pieces: Sequence[bytes],
    ) -> None:
        self._worker = worker
        self._recordings = recordings
        self._index = index
        self._sessions = sessions
        self._request = request
        self._pieces = pieces

    async def recognise(self) -> Recognised:
        """Find the client session of the request, as the selector's `recognise` does; the body stays in the process."""
        loaded = await self._load()
        owners = self._sessions.owners(loaded.tokens)[:MOST_OWNERS]
        candidates = []
        for owner in owners:
            recognised = Recognised(
                translated(self._request, owner), owner, await self._translate(owner), self._request.headers
            )
            if self._index.find(recognised.key):
                return recognised
            candidates.append(recognised)
        as_sent = Recognised(self._request, owners[0] if owners else None, loaded.key, self._request.headers)
        if candidates and not self._index.find(as_sent.key):
            if len(candidates) > 1:
                await self._translate(owners[0])
            return candidates[0]
        if candidates:
            await self._translate(None)
        return as_sent

    async def compare(
        self, candidates: Sequence[ReplayExchange], nearest: int
    ) -> list[tuple[list[RequestDifference], ReplayExchange]]:
        """Return the `nearest` recorded requests, and the differences of the recognised request to them."""
        places = [self._recordings.request_place(number) for number in candidates]
        compared = await self._worker.ask(lambda: CompareRequest(places, nearest), RequestCompared)
        return [(differences, candidates[place]) for place, differences in compared.nearest]

    async def load(self) -> None:
        """Load a request that was recognised without the process, to compare it."""
        await self._load()

    async def body(self) -> bytes:
        """Return the body of the recognised request, as it is sent on."""
        if any(name.lower() == "content-encoding" for name, _ in self._request.headers):
            return await self._worker.in_thread(lambda: b"".join(self._pieces))
        with shared_file() as path:
            await self._worker.ask(lambda: SaveBody(str(path)), Done)
            return await self._worker.in_thread(path.read_bytes)

    async def _load(self) -> RequestLoaded:
        request = self._request
        question = LoadRequest(
            method=request.method,
            url=request.url,
            headers=request.headers,
            match=self._index.match,
            body=request.body,
            tokens=self._sessions.tokens(),
        )
        if not self._pieces:
            return await self._worker.ask(lambda: question, RequestLoaded)
        with shared_file() as path:

            def with_body_in_file() -> LoadRequest:
                with path.open("r+b") as file:
                    file.writelines(self._pieces)
                return msgspec.structs.replace(question, body_file=str(path))

            return await self._worker.ask(with_body_in_file, RequestLoaded)

    async def _translate(self, owner: ClientSession | None) -> bytes:
        recorded = dict(owner.recorded) if owner else {}
        return (await self._worker.ask(lambda: TranslateRequest(recorded), RequestTranslated)).key


SMALL_ENCODED = 64
"""Bytes of an encoded body that unpack to no more than a small one: gzip makes a thousand of each, at most."""


def is_large(incoming: Incoming) -> bool:
    """Whether a request takes too long for the event loop: it has a long body, or one that may unpack to that."""
    encoded = any(name.lower() == "content-encoding" for name, _ in incoming.request.headers)
    return bool(incoming.pieces) or (encoded and len(incoming.request.body) > SMALL_ENCODED)
