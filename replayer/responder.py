"""Says what each request is answered with: cassette, match, position, schedule, script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from cassettes.errors import CassetteError
from cassettes.model import Request
from replayer.cache import ScriptCache
from replayer.framing import Script, script
from replayer.incoming import Incoming
from replayer.index import MatchIndex
from replayer.logline import one_line
from replayer.matching import Difference, differences, fingerprint, path_and_query
from replayer.positions import Positions
from replayer.recordings import Recordings
from replayer.refusal import report
from replayer.schedule import Schedule, cap_gaps, scale, schedule_of

NEAREST = 3
"""Recorded requests that the report of a miss names."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How time passes in a replay: `speed` times as fast, with no wait longer than `max_gap` microseconds.

    The gaps are capped as recorded, before the speed applies.
    """

    speed: float = 1.0
    max_gap: int | None = None

    def apply(self, schedule: Schedule) -> Schedule:
        """The schedule at this pace."""
        if self.max_gap is not None:
            schedule = cap_gaps(schedule, self.max_gap)
        return scale(schedule, self.speed)


class Responder:
    """Answers requests from recordings. `say` is given a line for whatever a person should know."""

    def __init__(self, recordings: Recordings, pace: Pace, say: Callable[[str], None]) -> None:
        self.recordings = recordings
        self.requests = 0
        self.misses = 0
        self._pace = pace
        self._say = say
        self._index = MatchIndex(recordings.requests())
        self._positions = Positions()
        self._scripts = ScriptCache()

    def __call__(self, incoming: Incoming) -> Script:
        """The answer to a request."""
        self.requests += 1
        request = incoming.request
        key = fingerprint(request.method, request.url, request.body)
        answers = self._index.find(key)
        try:
            if not answers:
                return script(self._miss(request), request.method, incoming.client)
            number = self._positions.take(key, answers)
            return self._scripts.get(
                (number, incoming.client),
                lambda: script(self._schedule(number), request.method, incoming.client),
            )
        except CassetteError as error:  # the file changed under us
            self._say(one_line(str(error)))
            return script(report(500, {"error": str(error)}), request.method, incoming.client)

    def _schedule(self, number: int) -> Schedule:
        return self._pace.apply(schedule_of(self.recordings.exchange(number)))

    def _miss(self, request: Request) -> Schedule:
        """The report of a request that matches nothing."""
        self.misses += 1
        asked = {"method": request.method, "target": target(request)}
        nearest = self._nearest(request)
        self._say(one_line(f"miss: {request.method} {target(request)} was not recorded{hint(nearest)}"))
        error = "no recorded request matches"
        return report(501, {"error": error, "request": asked, "nearest": nearest})

    def _nearest(self, request: Request) -> list[dict[str, Any]]:
        """The recorded requests with the fewest differences, and these."""
        compared = [
            (differences(request, self.recordings.request(number)), number)
            for number in self._index.candidates(request.url)
        ]
        compared.sort(key=lambda pair: len(pair[0]))  # stable: those of the same path stay first
        return [self._neighbour(number, found) for found, number in compared[:NEAREST]]

    def _neighbour(self, number: int, found: list[Difference]) -> dict[str, Any]:
        path, own = self.recordings.place(number)
        return {"cassette": path.name, "exchange": own, "differences": found}


def target(request: Request) -> str:
    """Path and query of a request."""
    path, query = path_and_query(request.url)
    return f"{path}?{query}" if query else path


def hint(nearest: list[dict[str, Any]]) -> str:
    """The nearest recorded request in half a line."""
    if not nearest:
        return ""
    first = nearest[0]
    told = "; ".join(f"{d.what}: expected {d.expected}, found {d.found}" for d in first["differences"])
    return f"; nearest is exchange {first['exchange']} of {first['cassette']}: {told}"
