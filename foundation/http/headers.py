"""HTTP headers as pairs of name and value (RFC 9110, 5), and functions that look something up in them."""

from __future__ import annotations

type Headers = tuple[tuple[str, str], ...]
"""Name and value of each field, in order and case as sent; both are ISO-8859-1 text."""


def bodiless(method: str, status: int) -> bool:
    """Return whether a response has no body, whatever its headers say (RFC 9112, 6.3)."""
    return method == "HEAD" or status < 200 or status in {204, 304}


def is_chunked(headers: Headers) -> bool:
    """Return whether the body is framed in chunks (RFC 9112, 6.1)."""
    codings = ",".join(values(headers, "transfer-encoding"))
    return codings.rpartition(",")[2].strip().lower() == "chunked"


def connection_options(headers: Headers) -> set[str]:
    """Return the options of the `Connection` headers, in lower case (RFC 9110, 7.6.1)."""
    return {option.strip().lower() for value in values(headers, "connection") for option in value.split(",")}


def without(headers: Headers, *names: str) -> Headers:
    """Return the headers without those that have one of these names, which are in lower case."""
    return tuple((name, value) for name, value in headers if name.lower() not in names)


def values(headers: Headers, name: str) -> list[str]:
    """Return all values of a header, in their order; the case of the name does not matter."""
    wanted = name.lower()
    return [value for key, value in headers if key.lower() == wanted]


def first(headers: Headers, name: str, default: str = "") -> str:
    """Return the first value of a header, or `default` when there is none."""
    return next(iter(values(headers, name)), default)


def media_type(headers: Headers) -> str:
    """Return the media type of `Content-Type`, in lower case and without parameters; empty when there is none."""
    return first(headers, "content-type").partition(";")[0].strip().lower()
