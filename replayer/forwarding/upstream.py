"""A live chatbot, asked over HTTP/1.1: its answer as events, each as soon as it is there.

A connection for each request, which ends when the answer has or when nobody wants it any more. The parser is
llhttp (httptools), which reads the requests of our clients too: it keeps the case of headers and tells where
chunks end, which HTTP clients hide.
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
from foundation.http.urls import path_and_query
from recorder.assembly import Broken, TrafficEvent
from replayer.http1.encoder import field_text
from replayer.http1.response_parser import AnswerParser

READ = 64 << 10
"""Bytes read at once; when about twice as many wait for the client, the upstream has to wait."""

CONNECT = 10
"""Seconds that an upstream has to accept a connection, TLS included."""


class Upstream:
    """The chatbot at `origin`, which is scheme://host[:port].

    Its certificate is checked against the machine's authorities, or those in the PEM file `authority`; raises
    UsageError when that is none. An answer breaks when no byte of it comes for `patience` seconds; None waits.
    """

    def __init__(self, origin: str, authority: Path | None = None, *, patience: float | None = None) -> None:
        self.origin = origin
        self._patience = patience
        parts = urlsplit(origin)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = context(authority) if parts.scheme == "https" else None

    async def answer(self, request: Request, now: Callable[[], int]) -> AsyncGenerator[TrafficEvent]:
        """What comes back, stamped with `now()`: the head, data, and an end, which can be that it broke."""
        try:
            async with asyncio.timeout(CONNECT):
                reader, writer = await asyncio.open_connection(
                    self.host, self.port, ssl=self._tls, limit=READ
                )
        except (OSError, UnicodeError) as error:
            yield Broken(now(), "error", f"{self.origin} cannot be reached: {why(error)}")
            return
        parser = AnswerParser(request.method)
        try:
            # Not waited for: an upstream may answer before it has read everything. It is bounded: we have it.
            writer.write(encode(request))
            while not parser.ended:
                for event in await self._next(reader, parser, now):
                    yield event
        finally:
            writer.transport.abort()  # nobody waits for an orderly end

    async def _next(
        self, reader: asyncio.StreamReader, parser: AnswerParser, now: Callable[[], int]
    ) -> list[TrafficEvent]:
        try:
            async with asyncio.timeout(self._patience):
                data = await reader.read(READ)
        except TimeoutError as error:
            silent = f"it sent nothing for {self._patience:g} seconds"
            return parser.close(now(), "error", why(error) if error.errno else silent)
        except ConnectionResetError:
            return parser.close(now(), "reset")
        except OSError as error:
            return parser.close(now(), "error", why(error))
        return parser.feed(data, now()) if data else parser.close(now(), "server-closed")


def context(authority: Path | None) -> ssl.SSLContext:
    """TLS with verification; raises UsageError when `authority` holds no certificates."""
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        raise UsageError(f"--upstream-ca {authority}: expected certificates in PEM ({error})") from None


def encode(request: Request) -> bytes:
    """The bytes of a request."""
    path, query = path_and_query(request.url)
    lines = [
        f"{request.method} {path}{'?' if query else ''}{query} HTTP/1.1",
        *(f"{name}: {value}" for name, value in request.headers),
    ]
    head = "".join(field_text(line) + "\r\n" for line in [*lines, ""])
    return head.encode("latin-1", "replace") + request.body


def why(error: Exception) -> str:
    """Why a connection failed, for a person."""
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
