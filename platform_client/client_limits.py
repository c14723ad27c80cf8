"""How much of a chatbot's response the client takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClientLimits:
    """The bounds of a client's memory, in bytes, and of its patience.

    `json_body` is the longest JSON body, `event` the longest event as it arrives. A server has `farewell` seconds,
    after the last event of a stream, to end its response as HTTP wants it.
    """

    json_body: int = 16 << 20
    event: int = 16 << 20
    farewell: float = 1.0


UNCHANGED = ClientLimits()
