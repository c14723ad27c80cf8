"""Maps the tokens in a request from those that a client session was given to those that were recorded."""

from __future__ import annotations

import msgspec

from cassettes.model import Request
from cassettes.tokens.finder import TokenFinder
from replayer.selection.client_sessions import ClientSession


def translated(request: Request, session: ClientSession) -> Request:
    """The request with the session's own tokens as the recorded client would have sent them."""
    url = request.url.encode()
    headers = [value.encode("latin-1") for _, value in request.headers]
    text = b"\n".join([url, *headers, request.body])
    finder = TokenFinder(session.spelled.in_text(text))
    if not finder.values:
        return request

    def recorded(data: bytes) -> bytes:
        return finder.replace(data, session.recorded.__getitem__)

    mapped = zip(request.headers, map(recorded, headers), strict=True)
    return msgspec.structs.replace(
        request,
        url=recorded(url).decode(),
        headers=tuple((name, value.decode("latin-1")) for (name, _), value in mapped),
        body=recorded(request.body),
    )
