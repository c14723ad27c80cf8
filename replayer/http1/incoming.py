"""A request of a client, whole."""

from __future__ import annotations

import msgspec

from cassettes.model import Request
from foundation.http.headers import first
from replayer.http1.encoder import Client


class Incoming(msgspec.Struct, frozen=True):
    """A request that has arrived completely, and what its client expects of the connection.

    `pieces` has the body when it is longer than `Bounds.inline`; the request then has none. `secure` says that it came
    over TLS.
    """

    request: Request
    client: Client
    keep_alive: bool
    pieces: tuple[bytes, ...] = ()
    secure: bool = False

    @property
    def origin(self) -> str:
        """The origin that the client sent it to, by its `Host`; empty without one."""
        host = first(self.request.headers, "host")
        return f"{scheme(secure=self.secure)}://{host}" if host else ""


def scheme(*, secure: bool) -> str:
    """Return the scheme of urls that a client asks."""
    return "https" if secure else "http"
