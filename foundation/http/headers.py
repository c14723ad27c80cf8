"""HTTP headers as pairs of name and value, and the questions that everybody asks of them (RFC 9110, 5)."""

from __future__ import annotations

type Headers = tuple[tuple[str, str], ...]
"""Name and value of each field, in order and case as sent; both are ISO-8859-1 text."""


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


def values(headers: Headers, name: str) -> list[str]:
    """All values of a header, by its name in any case, in their order."""
    wanted = name.lower()
    return [value for key, value in headers if key.lower() == wanted]


def first(headers: Headers, name: str, default: str = "") -> str:
    """The first value of a header, or `default`."""
    return next(iter(values(headers, name)), default)


def media_type(headers: Headers) -> str:
    """The media type of a `Content-Type`, in lower case and without parameters; empty when there is none."""
    return first(headers, "content-type").partition(";")[0].strip().lower()
