"""The cookie jar of one client of one chatbot (RFC 6265, 5.2 to 5.4).

`Domain` is ignored: there is only one host, and a chatbot may set its cookies for the host that it has elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from foundation.http.cookies import parse_set_cookie

MOST_COOKIES = 200
"""Cookies of a jar; of more, the one that was set first is dropped."""

FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class JarCookie(NamedTuple):
    """A cookie, the path whose requests it is sent with, and when it expires, in UTC."""

    name: str
    value: str
    path: str = "/"
    secure: bool = False
    expires: dt.datetime = FOREVER


class Jar:
    """The cookies of one client. Those that it is `given` at the beginning never expire and are for every path."""

    def __init__(self, given: Iterable[tuple[str, str]] = ()) -> None:
        self._given = {name: JarCookie(name, value) for name, value in given}
        self._cookies: dict[tuple[str, str], JarCookie] = {}

    def store(self, headers: Iterable[str], path: str, now: dt.datetime) -> None:
        """Set or delete the cookies of the `Set-Cookie` headers of a response to a request for this path.

        A cookie replaces a given one of its name.
        """
        for header in headers:
            cookie = parse(header, path, now)
            if cookie is None:
                continue
            self._given.pop(cookie.name, None)
            key = cookie.name, cookie.path
            if cookie.expires <= now:
                self._cookies.pop(key, None)
                continue
            self._cookies[key] = cookie
            if len(self._cookies) > MOST_COOKIES:
                del self._cookies[next(iter(self._cookies))]

    def cookies(self, path: str, now: dt.datetime) -> list[JarCookie]:
        """Returns the cookies for a path, the given ones first, then those with longer paths; `secure` ones too."""
        fitting = [
            cookie for cookie in self._cookies.values() if covers(cookie.path, path) and cookie.expires > now
        ]
        return [*self._given.values(), *sorted(fitting, key=lambda cookie: -len(cookie.path))]


def parse(header: str, path: str, now: dt.datetime) -> JarCookie | None:
    """Reads a `Set-Cookie` header of a response to a request for `path`; returns None when it has no name."""
    cookie = parse_set_cookie(header)
    if cookie is None or not cookie.name:
        return None
    attributes = cookie.attribute_values()
    own = attributes.get("path", "")
    return JarCookie(
        cookie.name,
        cookie.value,
        own if own.startswith("/") else default_path(path),
        "secure" in attributes,
        expiry(attributes, now),
    )


def expiry(attributes: dict[str, str], now: dt.datetime) -> dt.datetime:
    """Returns when a cookie with these attributes expires; `Max-Age` counts before `Expires` (RFC 6265, 5.3)."""
    age = attributes.get("max-age", "")
    try:
        if age.removeprefix("-").isdecimal():
            return now + dt.timedelta(seconds=int(age))
        expires = parsedate_to_datetime(attributes.get("expires", ""))
    except OverflowError:
        return dt.datetime.min.replace(tzinfo=dt.UTC) if age.startswith("-") else FOREVER
    except ValueError:
        return FOREVER
    return expires if expires.tzinfo else expires.replace(tzinfo=dt.UTC)


def default_path(path: str) -> str:
    """Returns the path of a cookie that names none: the folder of the request's path (RFC 6265, 5.1.4)."""
    return path[: path.rfind("/")] or "/"


def covers(cookie: str, path: str) -> bool:
    """Tells whether a cookie for one path is sent with requests for another (RFC 6265, 5.1.4)."""
    return path == cookie or path.startswith(cookie if cookie.endswith("/") else f"{cookie}/")
