"""Serves cassettes: opens the replay listener, the admin listener and all that they need."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from foundation.clock import SYSTEM
from foundation.default_ports import REPLAY
from foundation.errors import ServerError, UsageError
from foundation.printable import one_line
from foundation.sockets import Address, connections_possible, is_loopback, leads_to, listen, port_of
from foundation.timers import open_timers
from foundation.web.guard import Guard, check_token, guard
from foundation.web.late_server import LateServer, MakeServer
from replayer.faults.language.plan import FaultPlan
from replayer.forwarding.miss_policy import MissPolicy
from replayer.http1.limits import Bounds
from replayer.listener.listener import ReplayListener
from replayer.matching.index import MatchIndex
from replayer.responder import ReplayOptions, Responder
from replayer.schedule.pace import Pace
from replayer.selection.index_process import making_index
from replayer.selection.matched_recordings import open_matched
from replayer.selection.recordings import Recordings

if TYPE_CHECKING:
    from replayer.forwarding.forwarder import Forwarder
    from replayer.forwarding.upstream import Upstream

ADMIN_TIMEOUT = 60.0
"""Seconds that a connection to the admin listener may be idle, or a body take to arrive."""


class ReplaySettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a replay server listens, and how it replays.

    `admin` is an address on which the admin listener listens, "next" or None for no admin listener. "next" is the port
    after the replay listener's, on loopback, or a free port when that one is taken or when the port in `listen` is 0.
    If `admin_token` is set, every request to the admin listener must have it; it must be set when other machines can
    reach that listener.
    With a context in `tls`, the replay listener speaks TLS.
    """

    listen: Address = ("127.0.0.1", REPLAY)
    admin: Address | Literal["next"] | None = "next"
    admin_token: str = ""
    pace: Pace = Pace()
    options: ReplayOptions = ReplayOptions()
    misses: MissPolicy = MissPolicy()
    bounds: Bounds = Bounds()
    tls: ssl.SSLContext | None = None


type Pages = Callable[[Guard, Address], Sequence[tuple[Any, ...]]]
"""Returns routes to add to the admin listener's application, which has this guard, beside a replay at the address."""


def no_pages(_guard: Guard, _replay: Address) -> Sequence[tuple[Any, ...]]:
    """Return no routes: the admin listener serves its API only."""
    return ()


class ReplayServer(msgspec.Struct, frozen=True):
    """A running server and its addresses; `upstream` is where misses are forwarded to, empty when they are not."""

    responder: Responder
    address: Address
    admin_address: Address | None
    upstream: str = ""


@contextlib.asynccontextmanager
async def replay_server(
    cassettes: Sequence[Path], settings: ReplaySettings, log: Callable[[str], None], pages: Pages = no_pages
) -> AsyncIterator[ReplayServer]:
    """Serve cassettes while the context lasts.

    `log` is called with lines for a person. `pages` are routes that the admin listener serves in addition to its API.
    Raises UsageError for settings that exclude each other, CassetteError for a file that cannot be read or recorded
    to, ServerError when an address cannot be listened on.
    """
    if isinstance(settings.admin, tuple):
        check_token(settings.admin[0], settings.admin_token)
    async with contextlib.AsyncExitStack() as stack:
        # The cassette that misses are recorded to may not exist yet.
        existing = [path for path in cassettes if path != settings.misses.into or path.exists()]
        match = settings.options.match
        recordings, index, restored = stack.enter_context(open_matched(existing, match))
        for warning in recordings.warnings:
            log(one_line(f"warning: {warning}"))
        forwarder = forwarder_for(settings.misses, recordings.upstreams, log)
        if forwarder is not None:
            stack.push_async_callback(forwarder.close)
        elif settings.options.plan.faults:
            warn_of_idle_faults(recordings, index, settings.options.plan, log)
        responder = Responder(recordings, index, settings.pace, log, settings.options, SYSTEM, forwarder)
        stack.push_async_callback(responder.close)
        listener, address = open_replay(stack, responder, settings)
        if forwarder is not None:
            check_not_itself(forwarder.upstream, address)
        admin_address = open_admin(stack, responder, listener, settings, address, pages)
        upstream = forwarder.upstream.origin if forwarder else ""
        if not restored and len(existing) == 1 and settings.misses.into is None:
            stack.enter_context(making_index(existing[0], match))
        yield ReplayServer(responder, address, admin_address, upstream)


def forwarder_for(
    misses: MissPolicy, recorded: Iterable[str], log: Callable[[str], None]
) -> Forwarder | None:
    """Open the forwarder of a policy, None when it forwards nothing; raises as `open_forwarder` does."""
    if misses.on_miss == "501":
        return None
    from replayer.forwarding.opening import open_forwarder  # noqa: PLC0415 - few need it, and what it imports

    return open_forwarder(misses, recorded, SYSTEM, log)


def warn_of_idle_faults(
    recordings: Recordings, index: MatchIndex, plan: FaultPlan, log: Callable[[str], None]
) -> None:
    """Log which faults of a plan can change nothing that was recorded."""
    from replayer.faults.language.spec import write  # noqa: PLC0415 - few have a plan
    from replayer.faults.preview.reach import unreachable  # noqa: PLC0415 - the same

    for fault in unreachable(recordings, index, plan):
        log(one_line(f"warning: fault {write(fault)!r} can change nothing that was recorded"))


def check_not_itself(upstream: Upstream, address: Address) -> None:
    """Raise UsageError when the upstream is this server, which would forward to itself without end."""
    if leads_to(address, upstream.host, upstream.port):
        raise UsageError(
            f"{upstream.origin} is where this replay listens itself: choose another --listen, or another --upstream"
        )


def open_replay(
    stack: contextlib.AsyncExitStack, responder: Responder, settings: ReplaySettings
) -> tuple[ReplayListener, Address]:
    """Open the replay listener, which the stack closes; returns it with its address."""
    sockets = listen(settings.listen, "--listen")
    timers = open_timers()
    stack.callback(timers.close)
    bounds = msgspec.structs.replace(
        settings.bounds, connections=connections_possible(settings.bounds.connections)
    )
    listener = ReplayListener(responder, timers, bounds, settings.tls)
    stack.callback(listener.close)
    listener.add_sockets(sockets)
    return listener, (settings.listen[0], port_of(sockets))


def open_admin(
    stack: contextlib.AsyncExitStack,
    responder: Responder,
    listener: ReplayListener,
    settings: ReplaySettings,
    replay: Address,
    pages: Pages,
) -> Address | None:
    """Open the admin listener, which the stack closes; returns its address, None when there is to be none."""
    if settings.admin is None:
        return None
    if settings.admin == "next":
        host = settings.listen[0] if is_loopback(settings.listen[0]) else "127.0.0.1"
        sockets = listen_near(host, 0 if settings.listen[1] == 0 else replay[1] + 1)
    else:
        host = settings.admin[0]
        sockets = listen(settings.admin, "--admin")
    port = port_of(sockets)
    own = guard(host, port, settings.admin_token)

    def load() -> MakeServer:
        from foundation.web.bounded_server import BoundedServer  # noqa: PLC0415 - they import Tornado
        from replayer.admin.application import application  # noqa: PLC0415
        from replayer.admin.operation import RunningReplay  # noqa: PLC0415

        return lambda: BoundedServer(
            application(own, RunningReplay(responder, listener), pages(own, replay)),
            max_body_size=1 << 20,
            body_timeout=ADMIN_TIMEOUT,
            idle_connection_timeout=ADMIN_TIMEOUT,
        )

    stack.push_async_callback(LateServer(sockets, load).close)
    return host, port


def listen_near(host: str, port: int) -> list[socket.socket]:
    """Listen on a port, or on a free one when it is taken or higher than any port."""
    with contextlib.suppress(ServerError):
        if port <= 65535:
            return listen((host, port), "--admin")
    return listen((host, 0), "--admin")
