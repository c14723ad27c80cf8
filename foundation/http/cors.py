"""Lets the pages of other origins read responses: CORS, as the Fetch standard has it (3.2).

Everything is allowed to the origin that asks, with credentials, so nothing of it can be `*`:

    Origin: http://localhost:5173                 Access-Control-Allow-Origin: http://localhost:5173
                                                  Access-Control-Allow-Credentials: true
                                                  Access-Control-Expose-Headers: X-Request-Id
                                                  Vary: Origin
"""

from __future__ import annotations

import re

from foundation.http.headers import Headers, first, values

ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]*://[A-Za-z0-9.\-_~:\[\]%]+")
TOKENS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\s*,\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")

SAFE_HEADERS = frozenset(
    {
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    }
)
"""Headers that every page may read (Fetch 2.2.2)."""

HIDDEN_HEADERS = frozenset({"connection", "set-cookie", "transfer-encoding", "vary"})
"""Headers that no page gets to see, or that say nothing to it."""

ALLOW = "access-control-allow-"

PREFLIGHT_AGE = "600"
"""Seconds for which a browser need not ask again."""


def page_origin(headers: Headers) -> str:
    """Return the origin of the page whose script sends a request; empty when it is no page's."""
    origin = first(headers, "origin")
    return origin if ORIGIN.fullmatch(origin) else ""


def is_preflight(method: str, headers: Headers) -> bool:
    """Return whether a request only asks whether another one is allowed (Fetch 4.8)."""
    asks = bool(values(headers, "access-control-request-method"))
    return method == "OPTIONS" and asks and page_origin(headers) != ""


def preflight_headers(headers: Headers) -> Headers:
    """Return the headers that allow what a preflight with these headers asks for."""
    asked = {
        "Methods": first(headers, "access-control-request-method"),
        "Headers": first(headers, "access-control-request-headers"),
        "Private-Network": first(headers, "access-control-request-private-network"),
    }
    allowed = (
        (f"Access-Control-Allow-{name}", value) for name, value in asked.items() if TOKENS.fullmatch(value)
    )
    return readable_by((*allowed, ("Access-Control-Max-Age", PREFLIGHT_AGE)), page_origin(headers))


def readable_by(headers: Headers, page: str) -> Headers:
    """Return the headers of a response that scripts of a page can read; `page` is its origin."""
    kept = tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in {f"{ALLOW}origin", f"{ALLOW}credentials", "access-control-expose-headers"}
    )
    exposed = dict.fromkeys(name for name, _ in kept if is_exposed(name.lower()))
    varies = any("origin" in value.lower() for value in values(kept, "vary"))
    return (
        *kept,
        ("Access-Control-Allow-Origin", page),
        ("Access-Control-Allow-Credentials", "true"),
        *((("Access-Control-Expose-Headers", ", ".join(exposed)),) if exposed else ()),
        *(() if varies else (("Vary", "Origin"),)),
    )


def is_exposed(name: str) -> bool:
    """Return whether a page may read a header, given in lower case, only where it is exposed."""
    return name not in SAFE_HEADERS | HIDDEN_HEADERS and not name.startswith("access-control-")
