"""Cuts a recorded event stream after an event, as a server does for a client that reconnects (WHATWG HTML 9.2).

recorded  at 1 s  id: 1    at 2 s  id: 2    at 5 s  id: 3
after 2                                     at 3 s  id: 3     as long after the head as it came after event 2
"""

from __future__ import annotations

from itertools import accumulate, pairwise

import msgspec

from cassettes import model
from cassettes.framings.sse import Decoder
from cassettes.views.timeline import is_event_stream
from foundation.http.headers import Headers


def rest_of_stream(exchange: model.Exchange, last_id: str) -> model.Exchange | None:
    """The exchange with what its stream has after the event of an id; None where no event has it.

    Of several events with the same id it is the first, because a client may have got no more.
    """
    response = exchange.response
    if response is None or not is_event_stream(exchange):
        return None
    end = end_of_event(exchange.body, last_id)
    if end is None:
        return None
    ends = accumulate((len(chunk.data) for chunk in exchange.chunks), initial=0)
    placed = [(chunk, *span) for chunk, span in zip(exchange.chunks, pairwise(ends), strict=True)]
    seen = max(chunk.at for chunk, begin, _ in placed if begin < end)
    earlier = max(0, seen - response.at)
    left = [(chunk, max(0, end - begin)) for chunk, begin, stop in placed if stop > end]
    chunks = tuple(
        msgspec.structs.replace(chunk, data=chunk.data[cut:], at=chunk.at - earlier) for chunk, cut in left
    )
    size = sum(len(chunk.data) for chunk in chunks)
    return msgspec.structs.replace(
        exchange,
        response=msgspec.structs.replace(response, headers=of_length(response.headers, size)),
        chunks=chunks,
        end=msgspec.structs.replace(exchange.end, at=exchange.end.at - earlier),
    )


def end_of_event(body: bytes, last_id: str) -> int | None:
    """Where the event ends that sets the last event id to this one; None when none does."""
    before = ""
    for block in Decoder().blocks(body):
        if block.event.id == last_id and before != last_id:
            return block.end
        before = block.event.id
    return None


def of_length(headers: Headers, size: int) -> Headers:
    """Headers whose `Content-Length`, if there is one, is that of what is left."""
    return tuple((name, str(size) if name.lower() == "content-length" else value) for name, value in headers)
