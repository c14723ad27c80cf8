"""What becomes of a request that matches nothing: a report, or the live upstream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from foundation.clock import Clock
from foundation.errors import UsageError
from replayer.forwarding.forwarder import Forwarder, OnMiss
from replayer.forwarding.miss_recorder import MissRecorder
from replayer.forwarding.upstream import Upstream


class MissPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a request that matches nothing.

    It gets a report, or is sent to `upstream`, scheme://host[:port] (empty: the one that was recorded), which
    `authority`, a PEM file, vouches for; "record" also appends the exchange to the cassette `into`, redacted by
    the further `rules` too.
    """

    answer: OnMiss = "501"
    upstream: str = ""
    authority: Path | None = None
    into: Path | None = None
    rules: tuple[str, ...] = ()


def open_forwarder(
    misses: MissPolicy, recorded: Iterable[str], clock: Clock, say: Callable[[str], None]
) -> Forwarder | None:
    """The forwarder that is asked for, if any; `recorded` are the upstreams of the recordings.

    Raises UsageError and CassetteError for what cannot be.
    """
    if misses.answer == "501":
        return None
    origin = misses.upstream or recorded_upstream(recorded, misses.answer)
    additions = None
    if misses.answer == "record":
        assert misses.into is not None
        additions = MissRecorder(misses.into, origin, misses.rules, clock, say)
    return Forwarder(Upstream(origin, misses.authority), clock, say, additions)


def recorded_upstream(recorded: Iterable[str], answer: str) -> str:
    """The one upstream of the recordings; raises UsageError when they do not agree on one."""
    known = sorted(set(recorded))
    if len(known) == 1 and known[0]:
        return known[0]
    told = ", ".join(one or "none" for one in known)
    why = f"the recordings do not agree on it ({told})" if any(known) else "no recording names it"
    raise UsageError(f"--on-miss {answer} needs the upstream, and {why}: say which, with --upstream URL")
