"""Where the clients are in the recording: how often each request was answered."""

from __future__ import annotations

from collections.abc import Sequence


class Positions:
    """The n-th same request gets the n-th recorded answer; the last one repeats. All clients share them."""

    def __init__(self) -> None:
        self._answered: dict[bytes, int] = {}

    def take(self, key: bytes, answers: Sequence[int]) -> int:
        """The next of the answers to the request with this fingerprint."""
        turn = self._answered.get(key, 0)
        self._answered[key] = turn + 1
        return answers[min(turn, len(answers) - 1)]
