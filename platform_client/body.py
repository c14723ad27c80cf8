"""Reads a response's body as it arrives, decoded from its content encoding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from platform_client.cancellation import Cancellation

READ_SIZE = 1 << 16

UNREACHABLE = (requests.RequestException, HTTPError, ValueError)
"""What sending a request and reading its response raise: a redirect to nonsense is a ValueError."""


def chunks(response: requests.Response, cancellation: Cancellation) -> Iterator[bytes]:
    """The bytes of the body as soon as they arrive, until its end or until the work is cancelled.

    Raises urllib3's HTTPError when the connection breaks, the framing is wrong or the body too short.
    """
    # read1 returns what has arrived; iter_content and read wait until a chunk or a buffer is full.
    while not cancellation.asked and (chunk := response.raw.read1(READ_SIZE, decode_content=True)):
        yield chunk


def json_object(response: requests.Response, cancellation: Cancellation, longest: int) -> dict[str, Any]:
    """The JSON object in the body.

    Raises ValueError when it is anything else or has more than `longest` bytes, urllib3's HTTPError when the
    connection breaks.
    """
    body = bytearray()
    for chunk in chunks(response, cancellation):
        body += chunk
        if len(body) > longest:
            raise ValueError(f"the answer is longer than {longest} bytes")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise ValueError("the answer is not a JSON object")  # noqa: TRY004 - wrong data, not a wrong call
    return value
