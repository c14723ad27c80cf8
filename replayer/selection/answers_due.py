"""The recorded answers to one request within recorded sessions, found once and not at each request.

A session of m polls asks m times for the same list, of which it takes the next answer. So the list is kept, together
with its split by whether the recorded request had its session's cookies, and grows with each session that is bound:

    recorded session 0 has GET /jobs/j as exchanges 1, 2, 5; 5 was sent without the session's cookies
    add(session 0)      all 1, 2, 5    with cookies 1, 2    without 5
    add(session 3)      all 1, 2, 5, 9 ...
"""

from __future__ import annotations

from bisect import insort
from collections.abc import MutableSequence, Sequence

import msgspec

from replayer.exchange_number import ReplayExchange


class AnswersOfSession(msgspec.Struct, frozen=True):
    """The exchanges of one recorded session that have a request, in their order; all its clients share them."""

    with_cookies: tuple[ReplayExchange, ...]
    without: tuple[ReplayExchange, ...]


class AnswersDue:
    """The answers to one request that a client session can get. `bound` counts the recorded sessions they are from."""

    __slots__ = ("_with_cookies", "_without", "all", "bound")

    def __init__(self) -> None:
        self.bound = 0
        self.all: Sequence[ReplayExchange] = ()
        self._with_cookies: Sequence[ReplayExchange] = ()
        self._without: Sequence[ReplayExchange] = ()

    def fitting(self, *, with_cookies: bool) -> Sequence[ReplayExchange]:
        """Those whose recorded request had its session's cookies, or had not."""
        return self._with_cookies if with_cookies else self._without

    def add(self, answers: AnswersOfSession) -> None:
        """Add the answers of the recorded session that was bound next."""
        self.bound += 1
        self._with_cookies = joined(self._with_cookies, answers.with_cookies)
        self._without = joined(self._without, answers.without)
        self.all = joined(self.all, answers.with_cookies)
        self.all = joined(self.all, answers.without)


def joined(numbers: Sequence[ReplayExchange], more: tuple[ReplayExchange, ...]) -> Sequence[ReplayExchange]:
    """Sorted numbers with more of them; those of a first session are shared, not copied."""
    if not numbers or not more:
        return more or numbers
    grown = numbers if isinstance(numbers, MutableSequence) else list(numbers)
    for number in more:
        insort(grown, number)
    return grown
