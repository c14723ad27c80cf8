"""Sends another response instead of the one that would come, at the time at which that would begin."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import responses

import msgspec

from foundation.http.headers import Headers, bodiless, values
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data, Finish, Head


def instead(status: int, body: str, headers: Headers = ()) -> Transform:
    """Return a transform that sends this response alone. Without a `Content-Type` header, the body's type is guessed.

    The response comes also where the connection would end without one. No request is sent to a live upstream.
    """
    data = b"" if bodiless("GET", status) else body.encode("utf-8", "replace")
    head = Head(0, status, responses.get(status, ""), described(data, status, headers))

    def feed(step: Step) -> Iterator[Step]:
        yield msgspec.structs.replace(head, at=step.at)
        if data:
            yield Data(step.at, data)
        yield Finish(step.at, "complete")

    return feed


def described(data: bytes, status: int, headers: Headers) -> Headers:
    """Return the headers, with `Content-Type` and `Content-Length` added where they are missing and there is a body."""
    if bodiless("GET", status):
        return headers
    if data and not values(headers, "content-type"):
        headers = (("Content-Type", type_of(data)), *headers)
    if values(headers, "content-length") or values(headers, "transfer-encoding"):
        return headers
    return (*headers, ("Content-Length", str(len(data))))


def type_of(data: bytes) -> str:
    """Return the media type of JSON if the bytes are JSON, else that of plain text."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "text/plain; charset=utf-8"
    return "application/json"
