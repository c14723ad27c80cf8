"""One event of a stream, whatever frames it."""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a stream, or one block of server-sent events (WHATWG HTML 9.2).

    `type` is "message" when the framing or the event names none; `data` is text (of server-sent events, its lines
    joined by LF). `at` is the time of the chunk that completed the event. `dispatched` says whether a client would get
    to see it, `cut` that the stream ended inside it. `comments` are what is in it beside its data, or what is wrong
    with it. `id` is the last event id of the stream at this point, and `retry` is in milliseconds; only server-sent
    events have these.
    """

    type: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None
    at: int = 0
    dispatched: bool = True
    cut: bool = False
    comments: tuple[str, ...] = ()
