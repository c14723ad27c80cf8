"""Which session, and in it which request, is to be compared with which: by what they ask, in order."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Sequence

type Pairs = list[tuple[int | None, int | None]]
"""Places on both sides that belong together; None where one side has nothing."""


def pair_equal(recorded: Sequence[Hashable], live: Sequence[Hashable]) -> Pairs:
    """The n-th of those that are the same belongs to the n-th; the rest, recorded ones first, stays alone."""
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for place, key in enumerate(live):
        waiting[key].append(place)
    pairs: Pairs = [
        (place, waiting[key].popleft() if waiting[key] else None) for place, key in enumerate(recorded)
    ]
    return pairs + [(None, place) for place in sorted(place for rest in waiting.values() for place in rest)]


def pair_sessions(recorded: Sequence[tuple[bytes, ...]], live: Sequence[tuple[bytes, ...]]) -> Pairs:
    """Sessions that ask the same, then those that share the most questions."""
    pairs = pair_equal(recorded, live)
    near = Nearest({place: live[place] for _, place in pairs[len(recorded) :] if place is not None})
    found: Pairs = [
        (ours, theirs if theirs is not None or ours is None else near.take(recorded[ours]))
        for ours, theirs in pairs[: len(recorded)]
    ]
    return found + [(None, place) for place in near.left()]


class Nearest:
    """Finds, for what one session asks, the session that asks most of it; each is taken once."""

    def __init__(self, sessions: dict[int, tuple[bytes, ...]]) -> None:
        self._sessions = sessions
        self._having: dict[bytes, list[int]] = defaultdict(list)
        for place, keys in sessions.items():
            for key in set(keys):
                self._having[key].append(place)

    def take(self, keys: tuple[bytes, ...]) -> int | None:
        """The nearest session, None when none shares anything."""
        shared = Counter(place for key in set(keys) for place in self._of(key))
        if not shared:
            return None
        place = min(shared, key=lambda one: (-shared[one], one))
        del self._sessions[place]
        return place

    def left(self) -> list[int]:
        """Those that nobody took."""
        return sorted(self._sessions)

    def _of(self, key: bytes) -> Iterator[int]:
        return (place for place in self._having.get(key, ()) if place in self._sessions)
