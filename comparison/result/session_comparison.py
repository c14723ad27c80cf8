"""The results of comparing one session, and of comparing two recordings."""

from __future__ import annotations

from typing import Literal

import msgspec

from comparison.result.difference import Difference, Uncompared

type Verdict = Literal["same", "different", "could-not-compare"]


class SessionComparison(msgspec.Struct, frozen=True, kw_only=True):
    """The result of comparing one session; `session` is None for one that only the live side has.

    `pairs` are the exchanges that were compared, (recorded, live); of a job, those that issued it. `cut` is the number
    of differences beyond those that are listed.
    """

    session: int | None
    live_session: int | None
    pairs: tuple[tuple[int, int], ...] = ()
    differences: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()
    cut: int = 0


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The result of comparing two recordings; `sessions` and `exchanges` count what was compared."""

    sessions: int = 0
    exchanges: int = 0
    differences: tuple[Difference, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()
    cut: int = 0

    @property
    def verdict(self) -> Verdict:
        """Returns "different" for any difference, and "same" only when something, and everything, was compared."""
        if self.differences:
            return "different"
        return "could-not-compare" if self.uncompared or not self.exchanges else "same"
