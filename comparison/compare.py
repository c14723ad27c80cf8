"""Compares two recordings, session by session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comparison.conversations import Conversation, Recording
from comparison.differences import Comparison, SessionComparison
from comparison.rules import STRICT, Rules


def compare(recorded: Recording, live: Recording, rules: Rules = STRICT) -> Comparison:
    """Everything in which a recording differs from another one. Raises CassetteError when one cannot be read."""
    return summed(compare_sessions(recorded, live, rules))


def compare_sessions(
    recorded: Recording, live: Recording, rules: Rules = STRICT
) -> Iterator[SessionComparison]:
    """The same, a session at a time: each is read when it is asked for, and let go."""
    raise NotImplementedError


def compare_session(
    recorded: Conversation,
    live: Conversation,
    rules: Rules = STRICT,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> SessionComparison:
    """Compare one session; `pairs` says which exchange answers which where it is known. Polls need not be in it."""
    raise NotImplementedError


def summed(sessions: Iterable[SessionComparison]) -> Comparison:
    """One comparison of many sessions."""
    raise NotImplementedError
