"""mitmproxy's requests and responses in the words of a recording."""

from __future__ import annotations

from urllib.parse import quote

from mitmproxy import http
from mitmproxy.net.http import url as urls

from cassettes import model
from foundation.http.headers import Headers
from recorder.assembly import RequestHead, ResponseHead

VERSIONS = {"HTTP/2.0": "2", "HTTP/3": "3"}
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def request_head(request: http.Request, at: int) -> RequestHead:
    """The request line and the headers, seen at `at`."""
    method = request.data.method.decode("latin-1")  # as it was spelled; mitmproxy's own is in upper case
    return RequestHead(at, method, url_of(request), version(request.http_version), text(request.headers))


def response_head(response: http.Response, at: int) -> ResponseHead:
    """The status line and the headers, seen at `at`."""
    reason = response.data.reason.decode("latin-1")
    http_version = version(response.http_version)
    return ResponseHead(at, response.status_code, reason, http_version, text(response.headers))


def origin_of(request: http.Request) -> str:
    """Scheme, host and port of the upstream, the port left out where it is the scheme's own."""
    return f"{request.scheme}://{urls.hostport(request.scheme, request.host, request.port)}"


def url_of(request: http.Request) -> str:
    """The absolute url; bytes of the target that are no printable ASCII are percent-encoded.

    `OPTIONS *`, which is of the server as a whole, has no path (RFC 9112, 3.2.4).
    """
    target = request.data.path
    return origin_of(request) + ("" if target == b"*" else quote(target, safe=PRINTABLE))


def version(http_version: str) -> str:
    """`HTTP/1.1` as 1.1, `HTTP/2.0` as 2."""
    return VERSIONS.get(http_version, http_version.removeprefix("HTTP/"))


def text(headers: http.Headers) -> Headers:
    """Headers in their order and case, with their repeats."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields)


def how_it_ended(message: str) -> model.How:
    """The cassette's word for an ending that mitmproxy gives this message."""
    if "reset by server" in message:
        return "reset"
    if message.startswith("Client disconnected") or "by client" in message:
        return "client-closed"
    return "server-closed" if "closed connection" in message else "error"
