"""Opens the forwarder that a policy for misses requires."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from foundation.clock import Clock
from foundation.errors import UsageError
from foundation.sockets import is_loopback
from replayer.forwarding.forwarder import Forwarder
from replayer.forwarding.miss_policy import MissPolicy, OnMiss
from replayer.forwarding.miss_recorder import MissRecorder
from replayer.forwarding.upstream import Upstream


def open_forwarder(
    misses: MissPolicy, recorded: Iterable[str], clock: Clock, log: Callable[[str], None]
) -> Forwarder:
    """Return the forwarder that a policy requires.

    `recorded` are the upstreams of the recordings; `log` is called with lines for a person. Raises UsageError when the
    upstream is unknown, or its authorities or a rule cannot be read, CassetteError when `into` cannot be written.
    """
    origin = misses.upstream or recorded_upstream(recorded, misses.on_miss)
    recorder = None
    if misses.on_miss == "record":
        assert misses.into is not None
        recorder = MissRecorder(misses.into, origin, misses.rules, clock, log)
    return Forwarder(Upstream(origin, misses.authority), clock, log, recorder)


def recorded_upstream(recorded: Iterable[str], on_miss: OnMiss) -> str:
    """Return the one upstream of the recordings; raises UsageError when there is none, or more than one.

    Whoever made a recording chose it, and clients send it their credentials, so it is taken only if it is on loopback.
    """
    known = sorted(set(recorded))
    if len(known) == 1 and known[0]:
        if is_loopback(urlsplit(known[0]).hostname or ""):
            return known[0]
        raise UsageError(
            f"--on-miss {on_miss} would send live requests to {known[0]}, which only the recording names: "
            f"if that is right, say --upstream {known[0]}"
        )
    listed = ", ".join(one or "none" for one in known)
    why = f"the recordings do not agree on it ({listed})" if any(known) else "no recording names it"
    raise UsageError(f"--on-miss {on_miss} needs the upstream, and {why}: say which, with --upstream URL")
