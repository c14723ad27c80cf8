"""Converts mitmproxy's requests, responses and errors to what a recording has."""

from __future__ import annotations

from urllib.parse import quote

from mitmproxy import http
from mitmproxy.net.http import url as urls

from cassettes import model
from foundation.http.headers import Headers
from foundation.http.urls import PRINTABLE
from recorder.assembly import RequestHead, ResponseHead

VERSIONS = {"HTTP/2.0": "2", "HTTP/3": "3"}


def request_head(request: http.Request, at: int) -> RequestHead:
    """Return the request line and the headers as an event of the time `at`."""
    method = request.data.method.decode(
        "latin-1"
    )  # as it was sent; mitmproxy's own attribute is in upper case
    return RequestHead(at, method, url_of(request), version(request.http_version), text(request.headers))


def response_head(response: http.Response, at: int) -> ResponseHead:
    """Return the status line and the headers as an event of the time `at`."""
    reason = response.data.reason.decode("latin-1")
    http_version = version(response.http_version)
    return ResponseHead(at, response.status_code, reason, http_version, text(response.headers))


def origin_of(request: http.Request) -> str:
    """Return `scheme://host[:port]` of the upstream, without a port that is the scheme's default."""
    return f"{request.scheme}://{urls.hostport(request.scheme, request.host, request.port)}"


def url_of(request: http.Request) -> str:
    """Return the absolute url; bytes of the target outside printable ASCII are percent-encoded.

    The url of `OPTIONS *`, which concerns the server as a whole, has no path (RFC 9112, 3.2.4).
    """
    target = request.data.path
    return origin_of(request) + ("" if target == b"*" else quote(target, safe=PRINTABLE))


def version(http_version: str) -> str:
    """Return the version without its protocol: "1.1" for `HTTP/1.1`, "2" for `HTTP/2.0`."""
    return VERSIONS.get(http_version, http_version.removeprefix("HTTP/"))


def text(headers: http.Headers) -> Headers:
    """Return the headers as text, in the order and case in which they were sent, repeated ones included."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.fields)


def how_it_ended(message: str) -> model.How:
    """Return how an exchange ended, in the cassette's terms, from the message of mitmproxy's error."""
    if "reset by server" in message:
        return "reset"
    if message.startswith("Client disconnected") or "by client" in message:
        return "client-closed"
    return "server-closed" if "closed connection" in message else "error"
