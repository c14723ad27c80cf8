"""Tells the clients of a live upstream apart, where no recording does: by the cookies that it gave them."""

from __future__ import annotations

from collections import OrderedDict

from cassettes.model import Request
from foundation.http.cookies import cookies_sent, cookies_set
from foundation.http.headers import Headers

MOST_KNOWN = 10_000
"""Cookies, and targets that are asked again: of more, what was not used for longest is forgotten."""


class Clients:
    """Counts clients from 0. One that sends no cookie is known by what it asks for again, as polls do."""

    def __init__(self) -> None:
        self._count = 0
        self._owners: OrderedDict[str, int] = OrderedDict()

    def number(self, request: Request) -> int:
        """Whose request this is."""
        known = [cookie.value for cookie in cookies_sent(request.headers) if cookie.value in self._owners]
        polled = f"GET {request.url}" if request.method == "GET" else ""
        if known:
            client = self._owners[known[0]]
        elif polled in self._owners:
            client = self._owners[polled]
        else:
            client = self._count
            self._count += 1
        if polled:
            self._know(polled, client)
        return client

    def issued(self, client: int, headers: Headers) -> None:
        """The upstream gave a client these headers."""
        for cookie in cookies_set(headers):
            if cookie.value:
                self._know(cookie.value, client)

    def _know(self, value: str, client: int) -> None:
        self._owners[value] = client
        self._owners.move_to_end(value)
        if len(self._owners) > MOST_KNOWN:
            self._owners.popitem(last=False)
