"""Renders a large recorded answer for one client: its body stays in the file that a process unpacked it to."""

from __future__ import annotations

from functools import partial

import msgspec

from foundation.clock import Clock
from foundation.http.headers import Headers
from replayer.exchange_number import ReplayExchange
from replayer.http1.incoming import Incoming
from replayer.large.unpacked_answer import LargeScript
from replayer.large.unpacked_answers import AnswerKey, UnpackedAnswers
from replayer.matching.fresh_values import FreshValue
from replayer.rendering.own_address import with_own_expiry
from replayer.rendering.own_cookies import ClientAddress
from replayer.rendering.own_tokens import replaced
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import ClientSession, ClientSessions
from replayer.selection.recordings import Recordings

LARGE_ANSWER = 128 << 10
"""Bytes of an exchange in its file from which on it is unpacked in a process: reading it takes some milliseconds."""


class LargeRenderer:
    """Renders the large exchanges of `recordings` with the tokens of client sessions."""

    def __init__(
        self, recordings: Recordings, sessions: ClientSessions, unpacked: UnpackedAnswers, clock: Clock
    ) -> None:
        self._recordings = recordings
        self._sessions = sessions
        self._unpacked = unpacked
        self._clock = clock

    def is_large(self, number: ReplayExchange) -> bool:
        """Whether rendering an exchange at once would take too long."""
        return self._recordings.size(number) > LARGE_ANSWER

    async def script(
        self,
        number: ReplayExchange,
        session: ClientSession,
        incoming: Incoming,
        pace: Pace,
        fresh: tuple[FreshValue, ...] = (),
    ) -> LargeScript:
        """The recorded response as the client of `incoming` gets it without faults; raises LargeWorkFailed.

        `fresh` are the values that it has to find in the response as it sent them.
        """
        origin = incoming.origin
        answer = await self._unpacked.get(AnswerKey(number, origin, pace, fresh))
        own = partial(self._sessions.token, session)
        head = answer.head
        if head is not None:
            recorded = self._recordings.time_at(number, answer.requested_at)
            address = ClientAddress(origin, self._clock.wall(), recorded)
            head = msgspec.structs.replace(head, headers=self._headers(number, head.headers, own, address))
        return LargeScript(answer, head, incoming.request.method, incoming.client, own)

    def _headers(
        self, number: ReplayExchange, headers: Headers, own: partial[str], address: ClientAddress
    ) -> Headers:
        """The headers with the client's own tokens, and with its cookies' expiry."""
        finder = self._recordings.finder(self._recordings.session_of(number))
        filled = tuple((name, replaced(value, finder, own)) for name, value in headers)
        return with_own_expiry(filled, address)
