"""Paths and queries of urls, as they are written (RFC 3986)."""

from __future__ import annotations

import re
from functools import lru_cache

URLS_KEPT = 64
"""Parsed urls at hand: recordings repeat a few of them. Each can be as long as a head."""

ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^/?#]*")


@lru_cache(maxsize=URLS_KEPT)
def path_and_query(url: str) -> tuple[str, str]:
    """The path and the query of a url, absolute or not, as they are written."""
    origin = ORIGIN.match(url)
    path, _, query = (url[origin.end() :] if origin else url).partition("?")
    return path or "/", query
