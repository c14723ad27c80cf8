"""The head of a recorded response as a replay over HTTP/1 sends it: fields in their order, case and repeats.

Only what would contradict the body that is sent is changed: a stored body is decoded, so the headers must not
announce a coding; an HTTP/2 response, which carries its length in frames, becomes a chunked one.
"""

from __future__ import annotations

from cassettes.model import Exchange, Response
from foundation.http.headers import Headers, bodiless, first, values, without


def http1_version(response: Response) -> str:
    """The version of the status line: "1.0" when it was recorded so, else "1.1"."""
    return "1.0" if response.http == "1.0" else "1.1"


def http1_headers(exchange: Exchange, response: Response) -> Headers:
    """The headers to send with the recorded body."""
    headers = response.headers
    if bodiless(exchange.request.method, response.status):
        return headers
    if response.encoding:
        headers = decoded(headers, exchange)
    if response.http.startswith(("2", "3")) and not values(headers, "content-length"):
        headers = (*without(headers, "transfer-encoding"), ("transfer-encoding", "chunked"))
    return headers


def decoded(headers: Headers, exchange: Exchange) -> Headers:
    """The headers of a body that is stored decoded.

    The decoded length of a body that broke off is unknown: it stays one that ends before its
    `Content-Length`.
    """
    length = len(exchange.body)
    if exchange.end.how != "complete":
        announced = first(headers, "content-length")
        length = max(length + 1, int(announced) if announced.isdecimal() else 0)
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in without(headers, "content-encoding")
    )
