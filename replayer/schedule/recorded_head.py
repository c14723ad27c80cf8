"""Makes the head of an HTTP/1 response from a recorded one, with its headers in their order, case and number.

Only headers that would contradict the body are changed. Bodies are stored decoded, so the content coding is removed. A
response of HTTP/2 or 3, where the frames tell the length, becomes a chunked one.
"""

from __future__ import annotations

from cassettes.model import Exchange, Response
from foundation.http.headers import Headers, bodiless, first, values, without


def http1_version(response: Response) -> str:
    """Return the version for the status line: "1.0" when it was recorded with that, otherwise "1.1"."""
    return "1.0" if response.http == "1.0" else "1.1"


def http1_headers(exchange: Exchange, response: Response) -> Headers:
    """Return the headers to send with the recorded body."""
    headers = response.headers
    if bodiless(exchange.request.method, response.status):
        return headers
    if response.encoding:
        headers = decoded(headers, exchange)
    if response.http.startswith(("2", "3")) and not values(headers, "content-length"):
        headers = (*without(headers, "transfer-encoding"), ("transfer-encoding", "chunked"))
    return headers


def decoded(headers: Headers, exchange: Exchange) -> Headers:
    """Return the headers for a body that is stored decoded.

    A body that broke off was shorter than its `Content-Length`, and stays so: its decoded length is not known, so the
    header announces at least one byte more than there is.
    """
    length = len(exchange.body)
    if exchange.end.how != "complete":
        announced = first(headers, "content-length")
        length = max(length + 1, int(announced) if announced.isdecimal() else 0)
    return tuple(
        (name, str(length) if name.lower() == "content-length" else value)
        for name, value in without(headers, "content-encoding")
    )
