"""Which live token stands for which recorded one, found out where they are seen in the same place first."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cassettes.tokens.finder import SPELLINGS, TokenFinder

MARK = "\0"
"""Stands for a token in a text that is compared."""

MOST_ONE_BY_ONE = 64
"""Tokens that are looked for one by one."""


class SessionTokens:
    """The tokens of one session, and the origin that it asked, found in texts.

    `numbers` has the number of each value's token. An absolute url of the own server says no more than its path.
    """

    def __init__(self, numbers: Mapping[str, int], origin: str = "") -> None:
        self.numbers = numbers
        self._origin = re.compile(rf"{re.escape(origin)}(?![\w.:-])") if origin else None
        self._spelled = [(spell(value), value) for value in numbers for spell in SPELLINGS]
        self._finders: dict[frozenset[str], TokenFinder] = {}

    def masked(self, text: str) -> tuple[str, list[int]]:
        """The text with a mark for each token, and the tokens in their order."""
        if self._origin is not None:
            text = self._origin.sub("", text)
        finder = self._finder(text)
        if finder is None:
            return text, []
        found: list[int] = []

        def mark(value: str) -> str:
            found.append(self.numbers[value])
            return MARK

        data = finder.replace(text.encode("utf-8", "surrogatepass"), mark)
        return (data.decode("utf-8", "surrogatepass"), found) if found else (text, found)

    def _finder(self, text: str) -> TokenFinder | None:
        """Finds the tokens that may be in a text. One for all would take longer to make than it is used."""
        if len(self.numbers) > MOST_ONE_BY_ONE:
            present = frozenset(self.numbers)
        else:
            present = frozenset(value for spelled, value in self._spelled if spelled in text)
        if present and present not in self._finders:
            self._finders[present] = TokenFinder(present)
        return self._finders.get(present)


class Correspondence:
    """The tokens of a recorded and a live session: one stands for one, and always for the same."""

    def __init__(self, recorded: SessionTokens, live: SessionTokens) -> None:
        self.recorded, self.live = recorded, live
        self._live_of: dict[int, int] = {}
        self._recorded_of: dict[int, int] = {}
        self._equal: set[tuple[str, str]] = set()
        for value in recorded.numbers.keys() & live.numbers.keys():
            self._pair(recorded.numbers[value], live.numbers[value])

    def equate(self, recorded: str, live: str) -> None:
        """From now on these stand for each other where they are a whole text, plain as they may be."""
        self._equal.add((recorded, live))

    def same(self, recorded: str, live: str) -> bool | None:
        """Whether two texts with tokens say the same; None when these do not decide it.

        That is where the recorded text has none, or the live side has something else where no live token is
        known yet: a client that never sent it back leaves nothing to follow.
        """
        ours, recorded_tokens = self.recorded.masked(recorded)
        theirs, live_tokens = self.live.masked(live)
        if (ours, theirs) in self._equal:
            return True
        if not recorded_tokens:
            return True if ours == theirs else None
        if not live_tokens:
            return False if any(token in self._live_of for token in recorded_tokens) else None
        return (
            ours == theirs
            and len(recorded_tokens) == len(live_tokens)
            and all(map(self._pair, recorded_tokens, live_tokens))
        )

    def _pair(self, recorded: int, live: int) -> bool:
        """Whether one token stands for the other; from now on it does where neither stood for another."""
        if recorded not in self._live_of and live not in self._recorded_of:
            self._live_of[recorded], self._recorded_of[live] = live, recorded
        return self._live_of.get(recorded) == live
