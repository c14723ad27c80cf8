"""Decides which recorded session is compared with which live one, and in them which request with which.

Both are paired by keys that are equal for equal requests. Sessions with exactly the same keys come first; each of the
others takes the session that shares most keys with it. With a letter for a request:

    recorded  0: a b c    1: a b         session 1 has the requests of live session 0: (1, 0)
    live      0: a b      1: b c         session 0 shares b and c with live session 1: (0, 1)
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence

type Pairs = list[tuple[int | None, int | None]]
"""Places (recorded, live) that belong together; None where one side has no counterpart."""


def pair_equal(recorded: Sequence[Hashable], live: Sequence[Hashable]) -> Pairs:
    """Pairs the n-th of equal keys with the n-th on the other side.

    Every recorded place is in the result, in order; live places without a counterpart follow.
    """
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for place, key in enumerate(live):
        waiting[key].append(place)
    pairs: Pairs = [
        (place, waiting[key].popleft() if waiting[key] else None) for place, key in enumerate(recorded)
    ]
    return pairs + [(None, place) for place in sorted(place for rest in waiting.values() for place in rest)]


def pair_sessions(recorded: Sequence[tuple[bytes, ...]], live: Sequence[tuple[bytes, ...]]) -> Pairs:
    """Pairs sessions, each given by the keys of its requests: equal ones first, then those that share most keys.

    Every recorded place is in the result, in order; live places without a counterpart follow.
    """
    pairs = pair_equal(recorded, live)
    near = NearestSessions({place: live[place] for _, place in pairs[len(recorded) :] if place is not None})
    found: Pairs = [
        (place, live_place if live_place is not None or place is None else near.take(recorded[place]))
        for place, live_place in pairs[: len(recorded)]
    ]
    return found + [(None, place) for place in near.left()]


class NearestSessions:
    """Finds the session that shares most keys with a given one; each session is taken once at most."""

    def __init__(self, sessions: dict[int, tuple[bytes, ...]]) -> None:
        self._sessions = sessions
        self._sessions_with: dict[bytes, list[int]] = defaultdict(list)
        for place, keys in sessions.items():
            for key in set(keys):
                self._sessions_with[key].append(place)

    def take(self, keys: tuple[bytes, ...]) -> int | None:
        """Returns the session that shares most of these keys, the first of several; None when none shares any."""
        shared = Counter(place for key in set(keys) for place in self._left_with(key))
        if not shared:
            return None
        place = min(shared, key=lambda one: (-shared[one], one))
        del self._sessions[place]
        return place

    def left(self) -> list[int]:
        """Returns the sessions that were never taken."""
        return sorted(self._sessions)

    def _left_with(self, key: bytes) -> Iterator[int]:
        return (place for place in self._sessions_with.get(key, ()) if place in self._sessions)
