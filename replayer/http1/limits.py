"""The limits of what the replay listener accepts from clients."""

from __future__ import annotations

import msgspec

from foundation.clock import SECOND


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What the replay listener accepts; sizes are bytes, times microseconds."""

    head: int = 64 << 10
    """The request line and the headers of a request together; a larger head gets 431."""
    body: int = 64 << 20
    """The body of a request; a larger one gets 413."""
    inline: int = 64 << 10
    """Of a longer body, a request has the pieces in which it arrived: joining them takes the event loop too long."""
    queued: int = 16
    """Pipelined requests that wait for their responses; the connection is not read while there are as many."""
    arrival: int = 30 * SECOND
    """The time from the first byte of a request to its last; after that it gets 408."""
    idle: int = 75 * SECOND
    """The time that a connection may wait for its next request."""
    linger: int = 2 * SECOND
    """The time that a connection which the server has ended waits for the client to end it, too."""
    connections: int = 10_000
    """Connections that are open at once; one more gets 503."""
