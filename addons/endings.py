"""How an exchange that did not complete came to its end, as far as mitmproxy tells."""

from __future__ import annotations

import asyncio
from typing import cast

from mitmproxy import ctx, http
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.connection import ConnectionState

from cassettes.model import How
from recorder.mitmproxy.flow_conversion import how_it_ended


def how_it_broke(flow: http.HTTPFlow) -> tuple[How, str]:
    """The cassette's word for the ending, and mitmproxy's message, which "error" alone needs."""
    message = flow.error.msg if flow.error else "unknown"
    how = how_it_ended(message)
    if how == "reset" or server_reset(flow):  # HTTP/2 says it, HTTP/1 does not
        return "reset", ""
    if how == "client-closed" or client_left(flow):
        return "client-closed", ""
    return how, message if how == "error" else ""


def client_left(flow: http.HTTPFlow) -> bool:
    """Whether the client's connection is no longer open for reading."""
    return not flow.client_conn.state & ConnectionState.CAN_READ


def server_reset(flow: http.HTTPFlow) -> bool:
    """Whether the upstream's connection was reset (TCP RST).

    mitmproxy treats a reset and a close alike; the stream under the connection still knows.
    """
    proxyserver = cast("Proxyserver", ctx.master.addons.get("proxyserver"))
    handler = proxyserver.connections.get(flow.client_conn.id)
    transport = handler.transports.get(flow.server_conn) if handler else None
    reader = transport.reader if transport else None
    return isinstance(reader, asyncio.StreamReader) and isinstance(reader.exception(), ConnectionResetError)
