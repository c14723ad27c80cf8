"""Undoes the content encoding of a request, as a recorder does before it is kept."""

from __future__ import annotations

import msgspec

from cassettes.model import Request
from foundation.http.headers import values
from recorder.assembly import decode_whole


def decoded(request: Request) -> Request:
    """The request with its body decoded from its content encoding, as a cassette has it."""
    encoding = ", ".join(values(request.headers, "content-encoding"))
    if not encoding:
        return request
    body, encoding = decode_whole(request.body, encoding)
    return msgspec.structs.replace(request, body=body, encoding=encoding)
