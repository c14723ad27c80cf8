r"""Parses the bytes of a client's connection as requests (RFC 9112), with llhttp. No I/O happens here.

How the bytes are split does not matter; several requests may arrive together:

    feed(b"GET /a HTTP/1.1\r\nHost: h\r\n", at=5)            []
    feed(b"\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n", at=9)    [Incoming(GET /a, at=9), Incoming(GET /b, at=9)]
    feed(b"nonsense\r\n", at=12)                            [Refusal(400)], and everything after it is ignored
"""

from __future__ import annotations

import re

import httptools
import msgspec

from cassettes.model import RecordingExchange, Request
from foundation.http.headers import first, values
from replayer.http1.encoder import Client
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal

NOT_RECORDED = RecordingExchange(-1)
"""The exchange number of a request that is not from a cassette."""

HOST = re.compile(r"[A-Za-z0-9.\-_~:\[\]%!$&'()*+,;=]*")


class Incoming(msgspec.Struct, frozen=True):
    """A request that has arrived completely, and what its client expects of the connection."""

    request: Request
    client: Client
    keep_alive: bool


class ParserStopped(Exception):
    """Makes llhttp stop parsing, with the refusal of the request."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.refusal = Refusal(status, error)


class RequestParser:
    """Parses the requests of one connection.

    After a refusal, or a request that is to be the last one, it is `finished` and ignores what follows. `in_request`
    says that a request has begun to arrive; `completed` counts those that have arrived. `awaits_continue` is true
    while the client waits for "100 Continue" before it sends the body (RFC 9110, 10.1.1); whoever sends that sets it
    to false.
    """

    __slots__ = (
        "_at",
        "_body",
        "_body_size",
        "_bounds",
        "_head_size",
        "_headers",
        "_in_body",
        "_llhttp",
        "_ready",
        "_target",
        "_unaccounted",
        "awaits_continue",
        "completed",
        "finished",
        "in_request",
    )

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._llhttp: httptools.HttpRequestParser | None = None  # only while a request arrives: it is large
        self._ready: list[Incoming | Refusal] = []
        self._at = 0
        self.completed = 0
        self.finished = False
        self._clear()

    def feed(self, data: bytes, at: int) -> list[Incoming | Refusal]:
        """Return what `data`, which arrived at the time `at` in microseconds, completes."""
        if self.finished:
            return []
        self._at = at
        self._unaccounted += len(data)
        try:
            while data and not self.finished:
                data = self._parse(data)
            self._check_size(self._unaccounted)
        except ParserStopped as refused:
            self._ready.append(self.give_up(refused.refusal.status, refused.refusal.error))
        if not self.in_request:
            self._llhttp = None
        ready, self._ready = self._ready, []
        return ready

    def give_up(self, status: int, error: str) -> Refusal:
        """Drop what has arrived of a request, ignore what follows, and return the refusal."""
        self._clear()
        self.finished, self._llhttp = True, None
        return Refusal(status, error)

    def _clear(self) -> None:
        self.in_request = False
        self._in_body = False
        self.awaits_continue = False
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._head_size = 0
        self._body: list[bytes] = []
        self._body_size = 0
        self._unaccounted = 0  # bytes since a request ended or a part of a body arrived

    def _parse(self, data: bytes) -> bytes:
        """Have llhttp parse `data`; returns the rest that it has to parse after an offer of another protocol."""
        if self._llhttp is None:
            self._llhttp = httptools.HttpRequestParser(self)
        try:
            self._llhttp.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._head_without_upgrade() + data[upgrade.args[0] :]
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, ParserStopped):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError as error:
            if not self.finished:  # otherwise it follows the client's last request, and is ignored
                raise ParserStopped(400, f"this is no HTTP/1.1 request: {error}") from None
        return b""

    def _head_without_upgrade(self) -> bytes:
        """Return the head that was parsed, without its `Upgrade` headers, to be parsed again.

        A server may ignore the offer of another protocol (RFC 9110, 7.8), which curl and Java make with any request.
        llhttp cannot ignore it: it takes the body for data of the other protocol.
        """
        assert self._llhttp is not None
        lines = [f"{name}: {value}" for name, value in self._headers if name.lower() != "upgrade"]
        head = "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")
        head = b"%b %b HTTP/1.1\r\n%b" % (self._llhttp.get_method(), self._target, head)
        self._llhttp = None
        self._clear()
        return head

    def _check_size(self, size: int) -> None:
        if size > self._bounds.head:
            raise ParserStopped(431, f"the request's head is longer than {self._bounds.head} bytes")

    def _check_body_size(self, size: int) -> None:
        if size > self._bounds.body:
            raise ParserStopped(413, f"the request's body is longer than {self._bounds.body} bytes")

    # llhttp's callbacks

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.in_request = True

    def on_url(self, part: bytes) -> None:
        """Add a part of the target."""
        self._target += part
        self._check_size(len(self._target))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; a trailer is counted and dropped."""
        self._head_size += len(name) + len(value) + len(b": \r\n")
        self._check_size(self._head_size + len(self._target))
        if not self._in_body:
            self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """End the head, and refuse the request if the head suffices for that."""
        assert self._llhttp is not None
        self._in_body = True
        headers, version = tuple(self._headers), self._llhttp.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise ParserStopped(505, "this server speaks HTTP/1.1")
        if self._llhttp.get_method() == b"CONNECT":
            raise ParserStopped(501, "this is no proxy: send requests for recorded paths here")
        hosts = values(headers, "host")
        if len(hosts) > 1 or (version == "1.1" and not hosts) or not all(map(HOST.fullmatch, hosts)):
            raise ParserStopped(400, "a request needs exactly one valid Host header")
        self._check_body_size(int(first(headers, "content-length", "0")))
        self.awaits_continue = version == "1.1" and first(headers, "expect").lower() == "100-continue"

    def on_body(self, part: bytes) -> None:
        """Add a part of the body, without its chunk framing."""
        self._unaccounted = 0
        self.awaits_continue = False
        self._body_size += len(part)
        self._check_body_size(self._body_size)
        self._body.append(part)

    def on_message_complete(self) -> None:
        """End the request."""
        assert self._llhttp is not None
        if self._llhttp.should_upgrade():  # only the head has ended: see `_head_without_upgrade`
            return
        keep_alive, headers = self._llhttp.should_keep_alive(), tuple(self._headers)
        http, target = self._llhttp.get_http_version(), self._target.decode("latin-1")
        request = Request(
            exchange=NOT_RECORDED,
            at=self._at,
            method=self._llhttp.get_method().decode("latin-1"),
            url=f"http://{first(headers, 'host')}{target}" if target.startswith("/") else target,
            http=http,
            headers=headers,
            body=b"".join(self._body),
        )
        self._ready.append(Incoming(request, client_of(http, keep_alive=keep_alive), keep_alive))
        self.completed += 1
        self.finished = not keep_alive
        self._clear()


def client_of(http: str, *, keep_alive: bool) -> Client:
    """Return which framing the client of a request understands."""
    if http == "1.1":
        return "1.1"
    return "1.0 keep-alive" if keep_alive else "1.0"
