"""The inspector on a listener of its own."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import msgspec
from tornado.httpserver import HTTPServer
from tornado.web import Application

from foundation.errors import ServerError, UsageError
from foundation.sockets import Address, is_loopback, listen, port_of
from foundation.timers import open_timers
from foundation.web.guard import guard
from foundation.web.parameters import Parameters
from inspector.handlers.views import ViewHandler
from inspector.routes import rules
from inspector.workspace.workspace import Workspace

USUAL = ("127.0.0.1", 5002)
"""Where it listens unless it is told where to."""

TIMEOUT = 60.0
"""Seconds that a connection may be idle, or a body take to arrive."""


class InspectorSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the inspector listens: None is the usual port, or a free one where that is taken.

    `token` is required of everyone who asks when it is set, and it must be set where others than this machine can.
    """

    listen: Address | None = None
    token: str = ""


@contextlib.asynccontextmanager
async def inspector_server(paths: Sequence[Path], settings: InspectorSettings) -> AsyncIterator[Address]:
    """Serve the page while the context lasts; its address.

    Raises UsageError, CassetteError and ServerError before anything listens.
    """
    host = (settings.listen or USUAL)[0]
    if not is_loopback(host) and not settings.token:
        raise UsageError(
            f"the inspector on {host} needs a token: give --token, set CHATREEL_INSPECT_TOKEN, or keep it on 127.0.0.1"
        )
    with inspecting(paths, token_needed=bool(settings.token)) as workspace:
        await workspace.open()
        sockets = listen(settings.listen, "--listen") if settings.listen else listen_usually()
        port = port_of(sockets)
        own = guard(host, port, settings.token)
        pages = Application(
            rules(workspace, own),
            default_handler_class=ViewHandler,
            default_handler_args={
                "workspace": workspace,
                "guard": own,
                "view": None,
                "parameters": Parameters,
            },
            log_function=lambda _handler: None,  # the target is untrusted, and of no interest on stderr
        )
        server = HTTPServer(
            pages, max_body_size=1 << 20, body_timeout=TIMEOUT, idle_connection_timeout=TIMEOUT
        )
        server.add_sockets(sockets)
        try:
            yield host, port
        finally:
            server.stop()
            workspace.end()
            await server.close_all_connections()


@contextlib.contextmanager
def inspecting(
    paths: Sequence[Path], *, replay: bool = False, token_needed: bool = False
) -> Iterator[Workspace]:
    """An workspace of these cassettes while the context lasts, which opens them when it is asked."""
    with contextlib.closing(open_timers()) as timers:
        workspace = Workspace(paths, timers, replay=replay, token_needed=token_needed)
        with contextlib.closing(workspace):
            yield workspace


def listen_usually() -> list[socket.socket]:
    """Listen on the usual port, or on a free one where that is taken."""
    with contextlib.suppress(ServerError):
        return listen(USUAL, "--listen")
    return listen((USUAL[0], 0), "--listen")
