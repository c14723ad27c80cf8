"""Splits urls into origin, path and query (RFC 3986, 3), and brings equal spellings of a path to one.

Splitting normalizes nothing and refuses nothing, because a replay has to distinguish requests as the server got them:

    url               path     query
    http://h/a?b=1    /a       b=1
    http://h          /
    //a/b             //a/b             no origin: it is the target of a request, which begins with a path
    http://[::1/a     /a                the authority is malformed
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

URLS_KEPT = 64
"""Urls whose parts are cached: a recording repeats a few. Each can be as long as the head of a request."""

ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^/?#]*")
"""The scheme and the authority that an absolute url begins with."""

PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
"""What a url can be written with; every other character is percent-encoded."""

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = re.compile(r"[A-Za-z0-9\-._~]")


def split_path_and_query(url: str) -> tuple[str, str]:
    """Return the path, "/" when it is empty, and the query, without its question mark, of a url or a target."""
    path, _, query = without_origin(url).partition("?")
    return path or "/", query


def without_origin(url: str) -> str:
    """Return an absolute url without its scheme and authority, and any other unchanged."""
    origin = ORIGIN.match(url)
    return url[origin.end() :] if origin else url


def host_of(url: str) -> str:
    """Return the host of an absolute url in lower case, with its port where the url has one, and "" for any other.

    What stands before an @, such as a user's password, is left out (RFC 3986, 3.2.1).
    """
    origin = ORIGIN.match(url)
    return origin[0].partition("://")[2].rpartition("@")[2].lower() if origin else ""


path_and_query = lru_cache(maxsize=URLS_KEPT)(split_path_and_query)
"""`split_path_and_query` with a cache, for urls of requests."""


def target(url: str) -> str:
    """Return the path and the query of a url as a request line has them (RFC 9112, 3.2.1)."""
    path, query = path_and_query(url)
    return f"{path}?{query}" if query else path


def normalized(part: str) -> str:
    r"""Return a path or a query in the one spelling that stands for all equivalent ones (RFC 3986, 6.2.2).

    %c3%a9, and a raw \u00e9     %C3%A9
    %7Euser                  ~user
    a%2fb                    a%2Fb       a slash that is encoded separates nothing
    """
    if not part.isascii():
        part = quote(part, safe=PRINTABLE, errors="surrogatepass")
    return ESCAPE.sub(_one_spelling, part) if "%" in part else part


def _one_spelling(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if UNRESERVED.fullmatch(character) else escape[0].upper()
