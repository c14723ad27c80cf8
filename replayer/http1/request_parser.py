r"""Parses the bytes of a client's connection as requests (RFC 9112), with llhttp. No I/O happens here.

How the bytes are split does not matter; several requests may arrive together:

    feed(b"GET /a HTTP/1.1\r\nHost: h\r\n", at=5)            []
    feed(b"\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n", at=9)    [Incoming(GET /a, at=9), Incoming(GET /b, at=9)]
    feed(b"nonsense\r\n\r\n", at=12)                        [Refusal(400)], and everything after it is ignored

llhttp knows some methods only, no raw UTF-8 in a target, and takes an offer of another protocol for its beginning. So
it gets a head that it can take, in the place of the one that was sent:

    sent                                       what llhttp gets
    BREW /caf\xc3\xa9 HTTP/1.1                 POST / HTTP/1.1
    Host: h                                    Host: h
    Upgrade: h2c
"""

from __future__ import annotations

import re
from urllib.parse import quote

import httptools

from cassettes.model import RecordingExchange, Request
from foundation.http.headers import first, is_chunked, values
from foundation.http.urls import PRINTABLE
from replayer.http1.encoder import USUAL, Client
from replayer.http1.incoming import Incoming, scheme
from replayer.http1.known_requests import KnownRequests
from replayer.http1.limits import Bounds
from replayer.http1.refusal import Refusal

NOT_RECORDED = RecordingExchange(-1)
"""The exchange number of a request that is not from a cassette."""

HOST = re.compile(r"[A-Za-z0-9.\-_~:\[\]%!$&'()*+,;=]*")

REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([^\x00-\x20\x7f]+)( [^\r\n]*)?\r\n")
"""The method, the target and the version (RFC 9112, 3), each as a client may write it."""

BEGINNING = re.compile(rb"(\r\n)*[!#$%&'*+\-.^_`|~0-9A-Za-z]*( |\r?\Z)")
"""What a request can begin with; TLS, for one, does not, and would wait for ever for the end of its head."""

UPGRADE = re.compile(rb"(?i)(?<=\n)Upgrade:[ \t]*([^\r\n]*)\r\n")
"""An offer of another protocol, which a server may ignore (RFC 9110, 7.8). Curl and Java make it with any request."""

BLANK_LINE = b"\r\n\r\n"
"""Ends a head, and a chunked body with or without trailers."""


class ParserStopped(Exception):
    """Makes llhttp stop parsing, with the refusal of the request."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.refusal = Refusal(status, error)


class RequestParser:
    """Parses the requests of one connection, which is `secure` when it speaks TLS.

    Those that are `known` are not parsed: all connections that share them are `secure`, or none is.

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
        "_head",
        "_head_parsed",
        "_head_size",
        "_headers",
        "_in_body",
        "_known",
        "_left",
        "_llhttp",
        "_method",
        "_offers",
        "_ready",
        "_secure",
        "_tail",
        "_target",
        "_unaccounted",
        "awaits_continue",
        "completed",
        "finished",
        "in_request",
    )

    def __init__(self, bounds: Bounds, known: KnownRequests | None = None, *, secure: bool = False) -> None:
        self._bounds = bounds
        self._known = known or KnownRequests(0)
        self._secure = secure
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
        begins = not self.in_request
        if begins and (known := self._known.get(data, at)):
            self.completed += 1
            return [known]
        ready = self._feed_all(data, at)
        if begins and len(ready) == 1 and not self.in_request and not self.finished:
            [alone] = ready
            if isinstance(alone, Incoming) and not alone.pieces:
                self._known.add(data, alone)
        return ready

    def _feed_all(self, data: bytes, at: int) -> list[Incoming | Refusal]:
        self._at = at
        try:
            while data and not self.finished:
                data = self._parse(data) if self._in_body else self._gather_head(data)
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
        self._head_parsed = False
        self.awaits_continue = False
        self._head = b""
        self._method = self._target = ""
        self._offers: list[tuple[str, str]] = []  # the `Upgrade` headers
        self._headers: list[tuple[str, str]] = []
        self._head_size = 0
        self._body: list[bytes] = []
        self._body_size = 0
        self._left: int | None = None  # bytes of the body that are missing, None when it is chunked
        self._tail = b""  # the last bytes of a chunked body
        self._unaccounted = 0  # bytes since a part of a chunked body arrived

    def _gather_head(self, data: bytes) -> bytes:
        """Add data to the head, and begin the request when it is whole; returns what follows the head."""
        begin = len(self._head)
        head = self._head + data
        if not begin:
            head = head.lstrip(b"\r\n")  # a blank line or two in front of it (RFC 9112, 2.2)
        if not head:
            return b""
        self.in_request = True
        if not BEGINNING.match(head):
            raise ParserStopped(400, "this is no HTTP/1.1 request")
        end = head.find(BLANK_LINE, max(0, begin - len(BLANK_LINE)))
        self._check_size(len(head) if end < 0 else end)
        if end < 0:
            self._head = head
            return b""
        end += len(BLANK_LINE)
        self._head = b""
        self._begin(head[:end])
        return head[end:]

    def _begin(self, head: bytes) -> None:
        """Have llhttp parse a head as far as it knows such heads; the rest is kept as it was sent."""
        line = REQUEST_LINE.match(head)
        if line is None:
            raise ParserStopped(400, "this is no HTTP/1.1 request: its first line is no request line")
        if line[3] is None:
            raise ParserStopped(505, "this server speaks HTTP/1.1")
        self._method = line[1].decode()
        if self._method == "CONNECT":
            raise ParserStopped(501, "this is no proxy: send requests for recorded paths here")
        self._target = quote(line[2], safe=PRINTABLE)
        fields = head[line.end() - 2 :]
        self._offers = [("Upgrade", value.decode("latin-1")) for value in UPGRADE.findall(fields)]
        if self._offers:
            fields = UPGRADE.sub(b"", fields)
        self._in_body = True
        self._llhttp = httptools.HttpRequestParser(self)  # only while a request arrives: it is large
        self._feed(b"POST /" + line[3] + fields)

    def _parse(self, data: bytes) -> bytes:
        """Have llhttp parse a part of the body that does not go beyond its end; returns what follows that part."""
        if self._left is not None:
            part, rest = data[: self._left], data[self._left :]
            self._left -= len(part)
        else:  # it ends with a blank line, which a part before this one may have begun
            found = (self._tail + data).find(BLANK_LINE)
            cut = len(data) if found < 0 else found + len(BLANK_LINE) - len(self._tail)
            part, rest = data[:cut], data[cut:]
            self._tail = (self._tail + part)[1 - len(BLANK_LINE) :]
            self._unaccounted += len(part)
        self._feed(part)
        self._check_size(self._unaccounted)
        return rest

    def _feed(self, data: bytes) -> None:
        assert self._llhttp is not None
        try:
            self._llhttp.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, ParserStopped):
                raise error.__context__ from None
            raise
        except httptools.HttpParserError as error:
            raise ParserStopped(400, f"this is no HTTP/1.1 request: {error}") from None

    def _check_size(self, size: int) -> None:
        if size > self._bounds.head:
            raise ParserStopped(431, f"the request's head is longer than {self._bounds.head} bytes")

    def _check_body_size(self, size: int) -> None:
        if size > self._bounds.body:
            raise ParserStopped(413, f"the request's body is longer than {self._bounds.body} bytes")

    # llhttp's callbacks

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header; a trailer is counted and dropped."""
        self._head_size += len(name) + len(value) + len(b": \r\n")
        self._check_size(self._head_size)
        if not self._head_parsed:
            self._headers.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))

    def on_headers_complete(self) -> None:
        """End the head, and refuse the request if the head suffices for that."""
        assert self._llhttp is not None
        self._head_parsed = True
        headers, version = tuple(self._headers), self._llhttp.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise ParserStopped(505, "this server speaks HTTP/1.1")
        hosts = values(headers, "host")
        if len(hosts) > 1 or (version == "1.1" and not hosts) or not all(map(HOST.fullmatch, hosts)):
            raise ParserStopped(400, "a request needs exactly one valid Host header")
        self._left = None if is_chunked(headers) else int(first(headers, "content-length", "0"))
        self._check_body_size(self._left or 0)
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
        keep_alive, headers = self._llhttp.should_keep_alive(), (*self._headers, *self._offers)
        http, target = self._llhttp.get_http_version(), self._target
        large = self._body_size > self._bounds.inline
        origin = f"{scheme(secure=self._secure)}://{first(headers, 'host')}"
        request = Request(
            exchange=NOT_RECORDED,
            at=self._at,
            method=self._method,
            url=f"{origin}{target}" if target.startswith("/") else target,
            http=http,
            headers=headers,
            body=b"" if large else b"".join(self._body),
        )
        pieces = tuple(self._body) if large else ()
        client = client_of(http, keep_alive=keep_alive)
        self._ready.append(Incoming(request, client, keep_alive, pieces, self._secure))
        self.completed += 1
        self.finished = not keep_alive
        self._clear()


def client_of(http: str, *, keep_alive: bool) -> Client:
    """Return which framing the client of a request understands."""
    if http == "1.1":
        return USUAL
    return Client("1.0 keep-alive" if keep_alive else "1.0")
