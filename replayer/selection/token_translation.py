"""Maps the tokens in a request from those that a client session was given to those that were recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import msgspec

from cassettes.model import Request
from cassettes.tokens.finder import TokenFinder
from replayer.selection.client_sessions import ClientSession

MOST_VALUES = 16
"""Tokens of a finder that is kept, at most: a client's cookies, and the ids of its jobs."""


@lru_cache(maxsize=1024)
def finder_kept(values: frozenset[str]) -> TokenFinder:
    """The finder of some tokens; kept, because a client sends the same ones again."""
    return TokenFinder(values)


def translated(request: Request, session: ClientSession) -> Request:
    """The request with the session's own tokens as the recorded client would have sent them."""
    headers = [value.encode("latin-1") for _, value in request.headers]
    found = frozenset(session.spelled.in_text(b"\n".join([request.url.encode(), *headers, request.body])))
    if not found:
        return request
    finder = finder_kept(found) if len(found) <= MOST_VALUES else TokenFinder(found)
    return with_tokens_replaced(request, finder, session.recorded.__getitem__)


def with_tokens_replaced(request: Request, finder: TokenFinder, new: Callable[[str], str]) -> Request:
    """The request with `new` of each token that the finder finds in it."""

    def replaced(data: bytes) -> bytes:
        return finder.replace(data, new)

    return msgspec.structs.replace(
        request,
        url=replaced(request.url.encode()).decode(),
        headers=tuple(
            (name, replaced(value.encode("latin-1")).decode("latin-1")) for name, value in request.headers
        ),
        body=replaced(request.body),
    )
