"""Finds out from mitmproxy why an exchange ended before it was complete."""

from __future__ import annotations

import asyncio
from typing import cast

from mitmproxy import ctx, http
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import ConnectionState

from cassettes.model import How
from recorder.mitmproxy.flow_conversion import how_it_ended


def how_it_broke(flow: http.HTTPFlow) -> tuple[How, str]:
    """Return how the exchange ended, in the cassette's terms, and mitmproxy's message when that is "error"."""
    message = flow.error.msg if flow.error else "unknown"
    how = how_it_ended(message)
    if how == "reset" or server_reset(flow):  # the message names a reset in HTTP/2, not in HTTP/1
        return "reset", ""
    if how == "client-closed" or client_left(flow):
        return "client-closed", ""
    return how, message if how == "error" else ""


def client_left(flow: http.HTTPFlow) -> bool:
    """Return whether the client has closed its side of the connection."""
    return not flow.client_conn.state & ConnectionState.CAN_READ


def server_reset(flow: http.HTTPFlow) -> bool:
    """Return whether the upstream reset the connection (TCP RST).

    mitmproxy's flow does not tell a reset from a close, but the stream of the connection keeps the exception.
    """
    proxyserver = cast("Proxyserver", ctx.master.addons.get("proxyserver"))
    handler = proxyserver.connections.get(flow.client_conn.id)
    transport = handler.transports.get(flow.server_conn) if handler else None
    reader = transport.reader if transport else None
    return isinstance(reader, asyncio.StreamReader) and isinstance(reader.exception(), ConnectionResetError)
