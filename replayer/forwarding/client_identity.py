"""Tells clients apart that are not in any recorded session, by the cookies that the upstream gave them.

request                        client   because
GET /a                         0        it is new
(the response sets sid=x)
GET /b, Cookie: sid=x          0        the upstream gave this cookie to client 0
GET /b                         0        client 0 requested this url before, as one that polls does
POST /b                        1        without a cookie, only a repeated GET is recognised
"""

from __future__ import annotations

from collections import OrderedDict

from cassettes.model import Request
from foundation.http.cookies import cookies_sent, cookies_set
from foundation.http.headers import Headers

MOST_KNOWN = 10_000
"""Cookies and requested urls that are remembered; beyond that, the least recently used one is forgotten."""


class Clients:
    """Numbers clients from 0 on."""

    def __init__(self) -> None:
        self._count = 0
        self._owners: OrderedDict[str, int] = OrderedDict()

    def number(self, request: Request) -> int:
        """Return the number of the client that sent a request."""
        known = [cookie.value for cookie in cookies_sent(request.headers) if cookie.value in self._owners]
        repeatable = f"GET {request.url}" if request.method == "GET" else ""
        if known:
            client = self._owners[known[0]]
        elif repeatable in self._owners:
            client = self._owners[repeatable]
        else:
            client = self._count
            self._count += 1
        if repeatable:
            self._remember(repeatable, client)
        return client

    def learn_cookies(self, client: int, headers: Headers) -> None:
        """Remember the cookies that a response to a client sets."""
        for cookie in cookies_set(headers):
            if cookie.value:
                self._remember(cookie.value, client)

    def _remember(self, value: str, client: int) -> None:
        self._owners[value] = client
        self._owners.move_to_end(value)
        if len(self._owners) > MOST_KNOWN:
            self._owners.popitem(last=False)
