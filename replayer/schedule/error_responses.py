"""Makes the server's own responses, which are JSON, as schedules."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from foundation.http.headers import Headers
from replayer.schedule.actions import Data, Finish, Head, Schedule


def report(status: int, body: Mapping[str, Any], *, close: bool = False) -> Schedule:
    """Return a response with a JSON body that is sent at once; `close` ends the connection after it."""
    data = msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n"
    headers: Headers = (("Content-Type", "application/json"), ("Content-Length", str(len(data))))
    if close:
        headers = (*headers, ("Connection", "close"))
    return Head(0, status, HTTPStatus(status).phrase, headers), Data(0, data), Finish(0, "complete")


def no_content(headers: Headers = ()) -> Schedule:
    """Return a response with status 204, which also ends the reconnecting of an event source (WHATWG HTML 9.2.3)."""
    return Head(0, 204, HTTPStatus(204).phrase, headers), Finish(0, "complete")
