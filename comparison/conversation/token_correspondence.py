"""Finds out which live token corresponds to which recorded one: those that are first seen in the same place.

    recorded                             live                           live token of
    "/jobs/job_11"    (1 token: A)       "/jobs/job_77"   (X)           A is X from here on
    "job_11, user_5"  (A, B)             "job_77, user_9" (X, Y)        B is Y from here on
    "job_11"          (A)                "user_9"         (Y)           a difference: A is X, not Y

A token has several spellings and values (see `cassettes.tokens`); each is known by one number, here a letter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cassettes.tokens.finder import SPELLINGS, TokenFinder

MARK = "\0"
"""Replaces each token in a text that is compared."""

MOST_ONE_BY_ONE = 64
"""Tokens of a session that are looked for one by one; of more, one finder for all of them is made."""

MOST_EQUATED = 10_000
"""Pairs of texts that count as the same in a session, beside its tokens."""


class SessionTokens:
    """Finds the tokens of one session in texts.

    `numbers` has the number of the token for each value. `origin` (scheme://host[:port]) is removed from texts: an
    absolute url of the chatbot's own server counts as its path.
    """

    def __init__(self, numbers: Mapping[str, int], origin: str = "") -> None:
        self.numbers = numbers
        self._origin = re.compile(rf"{re.escape(origin)}(?![\w.:-])") if origin else None
        self._spelled = [(spell(value), value) for value in numbers for spell in SPELLINGS]
        self._finders: dict[frozenset[str], TokenFinder] = {}

    def masked(self, text: str) -> tuple[str, list[int]]:
        """Returns the text with MARK in place of each token, and the numbers of these tokens in their order."""
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
        """Returns a finder for the tokens that may be in a text; None when there are none.

        A finder for all tokens takes longer to make than most sessions would use it.
        """
        if len(self.numbers) > MOST_ONE_BY_ONE:
            present = frozenset(self.numbers)
        else:
            present = frozenset(value for spelled, value in self._spelled if spelled in text)
        if present and present not in self._finders:
            self._finders[present] = TokenFinder(present)
        return self._finders.get(present)


class Correspondence:
    """Maps the tokens of a recorded session to those of a live one: each to one, and always to the same.

    A token that has a value in both sessions corresponds to itself. `id_kinds` has the kinds of ids that were seen, by
    their beginning and the length of their random part (see `cassettes.values.fresh_ids`).
    """

    def __init__(self, recorded: SessionTokens, live: SessionTokens) -> None:
        self.recorded, self.live = recorded, live
        self._live_of: dict[int, int] = {}
        self._recorded_of: dict[int, int] = {}
        self._equal: dict[tuple[str, str], None] = {}
        self.id_kinds: set[tuple[str, int]] = set()
        for value in recorded.numbers.keys() & live.numbers.keys():
            self._pair(recorded.numbers[value], live.numbers[value])

    def equate(self, recorded: str, live: str) -> None:
        """Make two whole texts count as the same from now on, though they may not look like tokens.

        Of more than MOST_EQUATED, the first ones are forgotten.
        """
        self._equal[recorded, live] = None
        if len(self._equal) > MOST_EQUATED:
            del self._equal[next(iter(self._equal))]

    def same(self, recorded: str, live: str) -> bool | None:
        """Tells whether two texts are equal but for tokens that correspond; None when their tokens do not decide it.

        They do not where the recorded text has no tokens, or where the live text has none and the recorded ones
        correspond to none yet: a value is only known as a token once its client sent it back.
        """
        recorded_text, recorded_tokens = self.recorded.masked(recorded)
        live_text, live_tokens = self.live.masked(live)
        if (recorded_text, live_text) in self._equal:
            return True
        if not recorded_tokens:
            return True if recorded_text == live_text else None
        if not live_tokens:
            return False if any(token in self._live_of for token in recorded_tokens) else None
        return (
            recorded_text == live_text
            and len(recorded_tokens) == len(live_tokens)
            and all(map(self._pair, recorded_tokens, live_tokens))
        )

    def _pair(self, recorded: int, live: int) -> bool:
        """Tells whether two tokens correspond; from now on they do if neither corresponded to any before."""
        if recorded not in self._live_of and live not in self._recorded_of:
            self._live_of[recorded], self._recorded_of[live] = live, recorded
        return self._live_of.get(recorded) == live
