"""Decides what happens to requests that match nothing, and opens the forwarder that this requires."""

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
    """What happens to a request that matches nothing.

    `on_miss` is "501", a response that reports the nearest requests, "forward", the upstream's response, or "record",
    which also appends the exchange to the cassette `into`. `upstream` is scheme://host[:port]; when it is empty, the
    upstream of the recordings is used. `authority` is a PEM file of authorities for its certificate, in place of the
    machine's. `rules` are added to the built-in redaction.
    """

    on_miss: OnMiss = "501"
    upstream: str = ""
    authority: Path | None = None
    into: Path | None = None
    rules: tuple[str, ...] = ()


def open_forwarder(
    misses: MissPolicy, recorded: Iterable[str], clock: Clock, log: Callable[[str], None]
) -> Forwarder | None:
    """Return the forwarder that a policy requires, None when it forwards nothing.

    `recorded` are the upstreams of the recordings; `log` is called with lines for a person. Raises UsageError when the
    upstream is unknown, or its authorities or a rule cannot be read, CassetteError when `into` cannot be written.
    """
    if misses.on_miss == "501":
        return None
    origin = misses.upstream or recorded_upstream(recorded, misses.on_miss)
    recorder = None
    if misses.on_miss == "record":
        assert misses.into is not None
        recorder = MissRecorder(misses.into, origin, misses.rules, clock, log)
    return Forwarder(Upstream(origin, misses.authority), clock, log, recorder)


def recorded_upstream(recorded: Iterable[str], on_miss: OnMiss) -> str:
    """Return the one upstream of the recordings; raises UsageError when there is none, or more than one."""
    known = sorted(set(recorded))
    if len(known) == 1 and known[0]:
        return known[0]
    listed = ", ".join(one or "none" for one in known)
    why = f"the recordings do not agree on it ({listed})" if any(known) else "no recording names it"
    raise UsageError(f"--on-miss {on_miss} needs the upstream, and {why}: say which, with --upstream URL")
