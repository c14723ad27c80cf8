"""Makes a recorded exchange a client's own: its tokens in the place of the recorded ones, at equal length."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import msgspec

from cassettes import model
from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM
from cassettes.framings.checksum_keeper import ChecksumKeeper
from cassettes.framings.recognition import told_framing
from cassettes.tokens.finder import TokenFinder


def with_own_tokens(
    exchange: model.Exchange, finder: TokenFinder, own: Callable[[str], str]
) -> model.Exchange:
    """The exchange with each recorded token replaced by `own` of it, also where two chunks share one.

    The very same exchange when it holds none.
    """
    response = exchange.response
    if response is None:
        return exchange
    headers = tuple((name, replaced(value, finder, own)) for name, value in response.headers)
    body = exchange.body
    changed = finder.replace(body, own)
    if changed != body and told_framing(response.headers) is AWS_EVENT_STREAM:
        keeper = ChecksumKeeper()
        changed = keeper.feed(body, changed) + keeper.rest()
    if headers == response.headers and changed == body:
        return exchange
    ends = itertools.accumulate((len(chunk.data) for chunk in exchange.chunks), initial=0)
    chunks = tuple(
        msgspec.structs.replace(chunk, data=changed[start:stop])
        for chunk, (start, stop) in zip(exchange.chunks, itertools.pairwise(ends), strict=True)
    )
    mine = msgspec.structs.replace(response, headers=headers)
    return msgspec.structs.replace(exchange, response=mine, chunks=chunks)


def replaced(value: str, finder: TokenFinder, own: Callable[[str], str]) -> str:
    """A header's value, whose characters are bytes."""
    return finder.replace(value.encode("latin-1"), own).decode("latin-1")
