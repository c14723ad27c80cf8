"""Paths and queries of urls, as they are written (RFC 3986, 3).

Nothing is normalized, and nothing is refused: a replay has to tell requests apart as the server got them. So the
path of `//a/b` is all of it, and what follows a broken authority (`http://[::1/a`) is the path all the same.
"""

from __future__ import annotations

import re
from functools import lru_cache

URLS_KEPT = 64
"""Parsed urls at hand: recordings repeat a few of them. Each can be as long as a head."""

ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^/?#]*")
"""The scheme and the authority that an absolute url begins with."""


def split_path_and_query(url: str) -> tuple[str, str]:
    """The path, "/" where there is none, and the query, without its question mark, of a url, absolute or not."""
    path, _, query = without_origin(url).partition("?")
    return path or "/", query


def without_origin(url: str) -> str:
    """What follows the scheme and the authority of an absolute url; all of another."""
    origin = ORIGIN.match(url)
    return url[origin.end() :] if origin else url


path_and_query = lru_cache(maxsize=URLS_KEPT)(split_path_and_query)
"""The same for the urls of requests, which are remembered."""


def target(url: str) -> str:
    """The path and the query of a url as a request line has them (RFC 9112, 3.2.1)."""
    path, query = path_and_query(url)
    return f"{path}?{query}" if query else path
