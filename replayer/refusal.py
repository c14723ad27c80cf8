"""What the replay server says in its own name, where no recorded response can be played."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from cassettes.model import Headers
from replayer.schedule import Data, End, Head, Schedule


class Refusal(msgspec.Struct, frozen=True):
    """Bytes that are no request which can be answered; the connection closes after it."""

    status: int
    error: str


def report(status: int, body: Mapping[str, Any], *, close: bool = False) -> Schedule:
    """A JSON answer, at once."""
    data = msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
    headers: Headers = (("Content-Type", "application/json"), ("Content-Length", str(len(data))))
    if close:
        headers = (*headers, ("Connection", "close"))
    return Head(0, status, HTTPStatus(status).phrase, headers), Data(0, data), End(0, "complete")


def refuse(refusal: Refusal) -> Schedule:
    """The answer to what is no request."""
    return report(refusal.status, {"error": refusal.error}, close=True)
