"""Tells the clients of a live upstream apart, where no recording does: by the cookies that it gave them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from cassettes.model import Request
from foundation.http.headers import Headers, values

MOST_KNOWN = 10_000
"""Cookies, and targets that are asked again: of more, what was not used for longest is forgotten."""


class Clients:
    """Counts clients from 0. One that sends no cookie is known by what it asks for again, as polls do."""

    def __init__(self) -> None:
        self._count = 0
        self._owners: OrderedDict[str, int] = OrderedDict()

    def number(self, request: Request) -> int:
        """Whose request this is."""
        known = [value for value in cookies(request.headers) if value in self._owners]
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
        for cookie in values(headers, "set-cookie"):
            value = cookie.partition(";")[0].partition("=")[2].strip()
            if value:
                self._know(value, client)

    def _know(self, value: str, client: int) -> None:
        self._owners[value] = client
        self._owners.move_to_end(value)
        if len(self._owners) > MOST_KNOWN:
            self._owners.popitem(last=False)


def cookies(headers: Headers) -> Iterator[str]:
    """The values of a request's cookies."""
    for header in values(headers, "cookie"):
        for pair in header.split(";"):
            yield pair.partition("=")[2].strip()
