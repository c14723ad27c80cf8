"""The headers of a recorded response as a replay over HTTP/1 sends them: in their order, case and repeats.

Only what would contradict the body that is sent is mended: a stored body is decoded, so the headers must not
announce a coding; an HTTP/2 response, which carries its length in frames, becomes a chunked one.
"""

from __future__ import annotations

from cassettes.model import Exchange, Headers, Response, first, values


def bodiless(method: str, status: int) -> bool:
    """Whether a response has no body, whatever its headers say (RFC 9112, 6.3)."""
    return method == "HEAD" or status < 200 or status in {204, 304}


def is_chunked(headers: Headers) -> bool:
    """Whether the body is framed in chunks."""
    codings = ",".join(values(headers, "transfer-encoding"))
    return codings.rpartition(",")[2].strip().lower() == "chunked"


def connection_options(headers: Headers) -> set[str]:
    """What `Connection` asks for, in lower case."""
    return {option.strip().lower() for value in values(headers, "connection") for option in value.split(",")}


def without(headers: Headers, *names: str) -> Headers:
    """The headers but for those of these (lower-case) names."""
    return tuple((name, value) for name, value in headers if name.lower() not in names)


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
