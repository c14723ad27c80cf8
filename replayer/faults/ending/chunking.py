"""Whether a body is sent in chunks, as seen from its head."""

from __future__ import annotations

from replayer.faults.context import FaultContext
from replayer.http1.encoder import framing_of
from replayer.schedule.actions import Head


def in_chunks(head: Head, context: FaultContext) -> bool:
    """Whether chunks frame the body of the answer (RFC 9112, 7.1); those for HTTP/1.0 clients have none."""
    request = context.request
    return framing_of(head, request.method, "1.0" if request.http == "1.0" else "1.1") == "chunked"
