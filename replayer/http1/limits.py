"""What a client may ask of the replay listener before it is refused."""

from __future__ import annotations

import msgspec

from foundation.clock import SECOND


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes are bytes, times microseconds."""

    head: int = 64 << 10
    """Request line and headers together; more gets 431."""
    body: int = 64 << 20
    """More gets 413."""
    queued: int = 16
    """Pipelined requests that wait for their answers; with more of them, reading stops."""
    arrival: int = 30 * SECOND
    """From the first byte of a request to its last; then 408."""
    idle: int = 75 * SECOND
    """How long a connection may wait for its next request."""
    linger: int = 2 * SECOND
    """How long a connection that we end waits for the client to end it too."""
    connections: int = 10_000
    """Open at once; one more gets 503."""
