"""What a test is told of requests that were not recorded, and of exchanges that were not played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foundation.http.urls import target
from foundation.printable import printable
from replayer.exchange_number import ReplayExchange
from replayer.journal import JournalEntry, Neighbour
from replayer.responder import Responder

MOST = 20
"""Misses and exchanges that are listed; the rest is counted."""


def explain(misses: Sequence[JournalEntry]) -> str:
    """Each miss and the differences to the recorded request that is nearest; empty when there are none."""
    if not misses:
        return ""
    count = "1 request was" if len(misses) == 1 else f"{len(misses)} requests were"
    lines = [f"{count} not recorded:"]
    for miss in misses[:MOST]:
        lines += [f"  {miss.method} {miss.target}", *(f"    {line}" for line in nearest(miss.nearest))]
    lines += rest(misses)
    lines.append("Record more (--chatreel-record new_episodes), or let it be with allow_misses=True.")
    return "\n".join(map(printable, lines))


def nearest(neighbours: Sequence[Neighbour]) -> Iterator[str]:
    """The recorded request with the fewest differences, a line each."""
    if not neighbours:
        yield "nothing is recorded"
        return
    near = neighbours[0]
    yield f"the nearest is exchange {near.exchange} of {near.cassette}"
    if not near.differences:
        yield "the same: all its recorded answers have been played"
    for difference in near.differences:
        yield f"{difference.what}: expected {difference.expected}, found {difference.found}"


def unplayed(responder: Responder) -> str:
    """The exchanges that nobody has got; empty when all were played."""
    recordings = responder.recordings
    left = [
        number
        for number in map(ReplayExchange, range(len(recordings)))
        if not responder.journal.plays[number]
    ]
    if not left:
        return ""
    lines = [f"{len(left)} of {len(recordings)} exchanges were not played:"]
    for number in left[:MOST]:
        request, path = recordings.request(number), recordings.path(number)
        lines.append(
            f"  {request.method} {target(request.url)} (exchange {recordings.shown(number)} of {path.name})"
        )
    lines += rest(left)
    return "\n".join(map(printable, lines))


def rest(listed: Sequence[object]) -> list[str]:
    """A line for what is beyond the list."""
    return [f"  and {len(listed) - MOST} more"] if len(listed) > MOST else []
