"""What became of each recorded exchange in a live run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

type How = Literal["answered", "unanswered", "gave-up", "not-asked", "job-ended"]


class ExchangeResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one recorded exchange; `live` are the numbers of the live exchanges in its place.

    - answered: the live chatbot sent a response, or closed the connection without one as the recorded chatbot did. Of
      the poll that saw a job's end, `live` has all polls until the end of the live job.
    - unanswered: the request was made, and no response came, not even a status.
    - gave-up: the response, or the job, went beyond a bound; what came until then is in the recording.
    - not-asked: the request could not be made.
    - job-ended: the exchange is a poll that was not needed, because the live job had ended before.

    `why` gives the reason on one line for all but answered and job-ended. `notes` say what the live request lacks, or
    has from the recording although it may mean nothing to the live chatbot. Neither has any value of a secret or token.
    """

    how: How
    live: tuple[int, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()


class LiveRunResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a live run: what became of each exchange of the cassette, by its number there.

    `lost` says what the live recording lacks, so that it cannot be trusted; it is "" when it is complete.
    """

    exchanges: tuple[ExchangeResult, ...]
    lost: str = ""

    @property
    def failures(self) -> list[tuple[int, ExchangeResult]]:
        """Returns the exchanges that could not be compared, with their numbers."""
        return [(number, result) for number, result in enumerate(self.exchanges) if result.why]

    @property
    def silence(self) -> str:
        """Returns why no request at all had an answer; "" when one had, or none was made."""
        if any(result.how in {"answered", "gave-up", "job-ended"} for result in self.exchanges):
            return ""
        return next((result.why for result in self.exchanges if result.how == "unanswered"), "")

    def pairs(self, session: Sequence[int]) -> list[tuple[int, int]]:
        """Returns the exchanges (recorded, live) that correspond, of a session given by its recorded exchanges."""
        return [(number, live) for number in session for live in self.exchanges[number].live]

    def live(self, session: Sequence[int]) -> list[int]:
        """Returns the live exchanges of a session, given by its recorded exchanges, in their order."""
        return sorted(live for _, live in self.pairs(session))
