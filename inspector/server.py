"""The inspector as a server on a listener of its own; a replay serves the same paths on its admin listener."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import msgspec
from tornado.web import Application

from foundation.default_ports import INSPECTOR
from foundation.errors import ServerError, UsageError
from foundation.sockets import Address, is_loopback, listen, port_of
from foundation.timers import open_timers
from foundation.web.bounded_server import BoundedServer
from foundation.web.guard import Guard, guard
from foundation.web.parameters import Parameters
from inspector.handlers.views import ViewHandler
from inspector.routes import rules
from inspector.workspace.page_recorder import PageRecorder
from inspector.workspace.workspace import Workspace

DEFAULT_ADDRESS = ("127.0.0.1", INSPECTOR)
"""The address that it listens on when none is given and the port is free."""

TIMEOUT = 60.0
"""Seconds that a connection may be idle, or that a body may take to arrive."""


class InspectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the inspector listens: None is the default port, or a free one where that is taken.

    A request must carry `token` when it is not empty, and it must not be empty on an address other than loopback.
    """

    listen: Address | None = None
    token: str = ""


@contextlib.asynccontextmanager
async def inspector_server(
    paths: Sequence[Path], settings: InspectorSettings, recorder: PageRecorder | None = None
) -> AsyncIterator[Address]:
    """Serve the page while the context lasts; the context's value is the address. `recorder` records for the page.

    Raises UsageError, CassetteError and ServerError before anything listens.
    """
    host = (settings.listen or DEFAULT_ADDRESS)[0]
    if not is_loopback(host) and not settings.token:
        raise UsageError(
            f"the inspector on {host} needs a token: give --token, set CHATREEL_INSPECT_TOKEN, or keep it on 127.0.0.1"
        )
    with open_workspace(paths, token_needed=bool(settings.token), recorder=recorder) as workspace:
        await workspace.open()
        sockets = listen(settings.listen, "--listen") if settings.listen else listen_on_default_address()
        port = port_of(sockets)
        access = guard(host, port, settings.token)
        server = BoundedServer(
            application(workspace, access),
            max_body_size=1 << 20,
            body_timeout=TIMEOUT,
            idle_connection_timeout=TIMEOUT,
        )
        server.add_sockets(sockets)
        try:
            yield host, port
        finally:
            server.stop()
            workspace.end()
            if recorder is not None:
                await recorder.stop()
            await server.close_all_connections()


def application(workspace: Workspace, guard: Guard) -> Application:
    """The page and its API as a Tornado application."""
    return Application(
        rules(workspace, guard),
        default_handler_class=ViewHandler,
        default_handler_args={
            "workspace": workspace,
            "guard": guard,
            "view": None,
            "parameters": Parameters,
        },
        log_function=lambda _handler: None,  # the target is untrusted, and of no interest on stderr
    )


@contextlib.contextmanager
def open_workspace(
    paths: Sequence[Path],
    *,
    replay_url: str = "",
    token_needed: bool = False,
    recorder: PageRecorder | None = None,
) -> Iterator[Workspace]:
    """A workspace of these cassettes while the context lasts; it opens them at the first request."""
    with contextlib.closing(open_timers()) as timers:
        workspace = Workspace(
            paths, timers, replay_url=replay_url, recorder=recorder, token_needed=token_needed
        )
        with contextlib.closing(workspace):
            yield workspace


def listen_on_default_address() -> list[socket.socket]:
    """Listen on the default port, or on a free one where that is taken."""
    with contextlib.suppress(ServerError):
        return listen(DEFAULT_ADDRESS, "--listen")
    return listen((DEFAULT_ADDRESS[0], 0), "--listen")
