"""What became of each recorded exchange in a live run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

type How = Literal["answered", "unanswered", "gave-up", "not-asked", "job-ended"]


class ExchangeResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one recorded exchange; `live` are the exchanges of the live recording that stand in its place.

    - answered: the live chatbot answered, or ended the connection without an answer as it had done when that was
      recorded; `live` says where, at the end of a job with all polls that led to it;
    - unanswered: it was asked and gave no answer, not even a status;
    - gave-up: its answer, or its job, went beyond a bound, and what had come until then is in the recording;
    - not-asked: it could not be asked;
    - job-ended: a poll for which there was no need any more, because the live job had ended before.

    `why` says more of what is neither answered nor job-ended, on one line; `notes` what the live request lacks, or
    has from the recording although it may mean nothing there. Neither holds any value of a secret or token.
    """

    how: How
    live: tuple[int, ...] = ()
    why: str = ""
    notes: tuple[str, ...] = ()


class LiveRunResult(msgspec.Struct, frozen=True, kw_only=True):
    """A live run: what became of each exchange of the cassette, by its number there.

    `lost` says what is missing from the live recording, so that what it shows cannot be trusted; mostly nothing.
    """

    exchanges: tuple[ExchangeResult, ...]
    lost: str = ""

    @property
    def failures(self) -> list[tuple[int, ExchangeResult]]:
        """The exchanges that could not be compared, with their numbers."""
        return [(number, asked) for number, asked in enumerate(self.exchanges) if asked.why]

    def pairs(self, session: Sequence[int]) -> list[tuple[int, int]]:
        """What stands for what: (recorded, live) exchanges of a session, whose recorded exchanges are these."""
        return [(number, live) for number in session for live in self.exchanges[number].live]

    def live(self, session: Sequence[int]) -> list[int]:
        """The live exchanges that stand for a session, in their order."""
        return sorted(live for _, live in self.pairs(session))
