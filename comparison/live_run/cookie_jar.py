"""A client's cookies, as they come and go with one chatbot's answers (RFC 6265, 5.2 to 5.4).

There is one host, so `Domain` tells nothing apart: a chatbot may set its cookies for the host that it has elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from foundation.http.cookies import parse_set_cookie

MOST_COOKIES = 200
"""In a jar; of more the one that was set first is dropped, as browsers do."""

FOREVER = dt.datetime.max.replace(tzinfo=dt.UTC)


class JarCookie(NamedTuple):
    """A cookie, the path that it is for and when it expires, in UTC."""

    name: str
    value: str
    path: str = "/"
    secure: bool = False
    expires: dt.datetime = FOREVER


class Jar:
    """The cookies of one client; those that it is `given` have never expired and are for every path."""

    def __init__(self, given: Iterable[tuple[str, str]] = ()) -> None:
        self._given = {name: JarCookie(name, value) for name, value in given}
        self._cookies: dict[tuple[str, str], JarCookie] = {}

    def store(self, headers: Iterable[str], path: str, now: dt.datetime) -> None:
        """Take what an answer to a request for this path sets, deletes or, in the place of a given one, renews."""
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
        """The cookies for a path, those with the longer paths first; `secure` ones too."""
        fitting = [
            cookie for cookie in self._cookies.values() if covers(cookie.path, path) and cookie.expires > now
        ]
        return [*self._given.values(), *sorted(fitting, key=lambda cookie: -len(cookie.path))]


def parse(header: str, path: str, now: dt.datetime) -> JarCookie | None:
    """The cookie of a `Set-Cookie` in the answer to a request for `path`; None when it has no name."""
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
    """When a cookie with these attributes expires; `Max-Age` counts before `Expires`."""
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
    """The path of a cookie that names none: the folder of what was asked for (RFC 6265, 5.1.4)."""
    return path[: path.rfind("/")] or "/"


def covers(cookie: str, path: str) -> bool:
    """Whether a cookie for one path goes with requests for another (RFC 6265, 5.1.4)."""
    return path == cookie or path.startswith(cookie if cookie.endswith("/") else f"{cookie}/")
