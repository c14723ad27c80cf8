"""Sends requests to a live chatbot over HTTP/1.1, and yields the events of its responses as they arrive.

Each request has a connection of its own, which is closed when the response has ended or is no longer wanted. The
response is read as the proxy of `chatreel record` reads it (`recorder.http1`).
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from urllib.parse import urlsplit

from cassettes.model import Request
from foundation.errors import UsageError
from foundation.http.urls import target
from recorder.assembly import Broken, TrafficEvent
from recorder.http1.response_reader import InterimResponse, ResponseReader
from replayer.http1.encoder import field_text

READ = 64 << 10
"""Bytes that are read at once. When about twice as many are buffered, the upstream's connection is not read."""

CONNECT = 10
"""Seconds that an upstream may take to accept a connection, including the TLS handshake."""


class Upstream:
    """The chatbot at `origin`, which is scheme://host[:port].

    Its certificate is verified with the machine's authorities, or those in the PEM file `authority`; raises UsageError
    when that file has none. A response is broken off when nothing arrives for `patience` seconds, unless that is None.
    """

    def __init__(self, origin: str, authority: Path | None = None, *, patience: float | None = None) -> None:
        self.origin = origin
        self._patience = patience
        parts = urlsplit(origin)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = context(authority) if parts.scheme == "https" else None

    async def send(self, request: Request, now: Callable[[], int]) -> AsyncGenerator[TrafficEvent]:
        """Send a request and yield the events of its response, with their times by `now()`.

        The last event is a `ResponseEnd`, or a `Broken`, which is the only one when the upstream cannot be reached.
        """
        try:
            async with asyncio.timeout(CONNECT):
                reader, writer = await asyncio.open_connection(
                    self.host, self.port, ssl=self._tls, limit=READ
                )
        except (OSError, UnicodeError) as error:
            yield Broken(now(), "error", f"{self.origin} cannot be reached: {why(error)}")
            return
        response = ResponseReader(request.method)
        try:
            # Without waiting until it is sent: an upstream may respond before it has read all of the request.
            writer.write(encode(request))
            while not response.ended:
                for event in await self._next(reader, response, now):
                    if not isinstance(event, InterimResponse):  # it concerns this connection
                        yield event
        finally:
            writer.transport.abort()  # an orderly shutdown would keep the connection for nothing

    async def _next(
        self, reader: asyncio.StreamReader, response: ResponseReader, now: Callable[[], int]
    ) -> list[TrafficEvent]:
        try:
            async with asyncio.timeout(self._patience):
                data = await reader.read(READ)
        except TimeoutError as error:
            silent = f"it sent nothing for {self._patience:g} seconds"
            return response.close(now(), "error", why(error) if error.errno else silent)
        except ConnectionResetError:
            return response.close(now(), "reset")
        except OSError as error:
            return response.close(now(), "error", why(error))
        return response.feed(data, now()) if data else response.close(now(), "server-closed")


def context(authority: Path | None) -> ssl.SSLContext:
    """Return a TLS context that verifies certificates; raises UsageError when `authority` has none."""
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise UsageError(f"--upstream-ca {authority}: expected certificates in PEM ({error})") from None


def encode(request: Request) -> bytes:
    """Return the bytes of a request."""
    lines = [
        f"{request.method} {target(request.url)} HTTP/1.1",
        *(f"{name}: {value}" for name, value in request.headers),
    ]
    head = "".join(field_text(line) + "\r\n" for line in [*lines, ""])
    return head.encode("latin-1", "replace") + request.body


def why(error: Exception) -> str:
    """Return why a connection failed, for a person."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message}); --upstream-ca trusts more"
        case ssl.SSLError():
            return f"TLS failed ({error.reason})"
        case TimeoutError(errno=None):
            return f"it accepts no connection within {CONNECT} seconds"
        case OSError(errno=int(number), strerror=text):
            return os.strerror(number) if number > 0 else str(text)
        case _:
            return str(error)
