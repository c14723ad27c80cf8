"""Tells from the head of a response whether its body is sent in chunks."""

from __future__ import annotations

from replayer.faults.context import FaultContext
from replayer.http1.encoder import Client, framing_of
from replayer.schedule.actions import Head


def in_chunks(head: Head, context: FaultContext) -> bool:
    """Return whether the body is sent in chunks (RFC 9112, 7.1), which is never so for HTTP/1.0 clients."""
    request = context.request
    return framing_of(head, request.method, Client("1.0" if request.http == "1.0" else "1.1")) == "chunked"
