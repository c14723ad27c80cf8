"""Gives another answer instead of the one that would come: when that would begin or, where it is not known, now."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import responses

import msgspec

from foundation.http.headers import Headers, bodiless, values
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data, Finish, Head


def instead(status: int, body: str, headers: Headers = ()) -> Transform:
    """Answer this and nothing else; the type of the body is told by itself where no header says it.

    It comes too where the connection would end without an answer; a live upstream is not even asked.
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
    """The headers of an answer with those that describe its body, but for what is given already."""
    if bodiless("GET", status):
        return headers
    if data and not values(headers, "content-type"):
        headers = (("Content-Type", type_of(data)), *headers)
    if values(headers, "content-length") or values(headers, "transfer-encoding"):
        return headers
    return (*headers, ("Content-Length", str(len(data))))


def type_of(data: bytes) -> str:
    """The media type of JSON, or else of plain text."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "text/plain; charset=utf-8"
    return "application/json"
