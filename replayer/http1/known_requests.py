"""Requests that arrived before, by their bytes: what follows from a request's bytes alone is found out once.

Clients that poll send the same bytes again and again. Those that never come again, as with a cookie that is set anew by
each answer, are not kept: a request is kept when it comes the second time.
"""

from __future__ import annotations

import msgspec

from replayer.http1.incoming import Incoming

LONGEST = 4096
"""Bytes of a request that is kept, at most."""

MOST = 1024
"""Requests that are kept; when there are more, all are forgotten."""

MOST_SEEN = 16_384
"""Requests that came once and of which a hash is kept; when there are more, all are forgotten."""


class KnownRequests:
    """The requests that the connections of a listener share; of more than `most` all are forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[bytes, Incoming] = {}
        self._seen: set[int] = set()

    def get(self, data: bytes, at: int) -> Incoming | None:
        """The request that these bytes are, all of it, and that arrived at the time `at`; None when it is not kept."""
        known = self._known.get(data)
        if known is None:
            return None
        request = msgspec.structs.replace(known.request, at=at)
        return msgspec.structs.replace(known, request=request)

    def add(self, data: bytes, incoming: Incoming) -> None:
        """Keep the request that these bytes are, if they came before."""
        if len(data) > LONGEST or not self._most:
            return
        seen = hash(data)
        if seen not in self._seen:
            if len(self._seen) >= MOST_SEEN:
                self._seen.clear()
            self._seen.add(seen)
            return
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[data] = incoming
