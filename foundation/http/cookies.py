"""Parses cookies as clients send them (RFC 6265, 4.2) and as servers set them (RFC 6265, 5.2).

Like user agents, it accepts what the grammar forbids: a value may contain quotes, blanks and equals signs. Blanks
around names and values are removed. A pair without an equals sign is no cookie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from foundation.http.headers import Headers, values

PREFIXES = {"__Host-": "chatreel_host_", "__Secure-": "chatreel_secure_"}
"""Prefixes of names that browsers take over TLS only (RFC 6265bis, 4.1.3), each with what stands for it elsewhere."""


class Cookie(NamedTuple):
    """A cookie as a client sends it."""

    name: str
    value: str

    @property
    def pair(self) -> str:
        """The cookie as `name=value`."""
        return f"{self.name}={self.value}"


class Attribute(NamedTuple):
    """An attribute of a `Set-Cookie`: its name in lower case, and its value, which is empty for a flag."""

    name: str
    value: str


class SetCookie(NamedTuple):
    """A cookie as a server sets it; `attributes` is the rest of the header, unchanged, from its first semicolon on."""

    name: str
    value: str
    attributes: str = ""

    @property
    def pair(self) -> str:
        """The cookie as `name=value`, as a client sends it back."""
        return f"{self.name}={self.value}"

    @property
    def text(self) -> str:
        """The value of the `Set-Cookie` header."""
        return self.pair + self.attributes

    def attribute_values(self) -> dict[str, str]:
        """Return the attributes' values by their names in lower case; the last one counts when a name is repeated."""
        return dict(map(parse_attribute, self.attributes.split(";")[1:]))


def parse_pair(text: str) -> Cookie | None:
    """Parse one `name=value` of a `Cookie` header; returns None when there is no equals sign."""
    name, equals, value = text.partition("=")
    return Cookie(name.strip(), value.strip()) if equals else None


def parse_set_cookie(value: str) -> SetCookie | None:
    """Parse the value of one `Set-Cookie`; returns None when it has no equals sign before its attributes."""
    pair, semicolon, attributes = value.partition(";")
    cookie = parse_pair(pair)
    return cookie and SetCookie(*cookie, semicolon + attributes)


def parse_attribute(text: str) -> Attribute:
    """Parse one attribute of a `Set-Cookie`."""
    name, _, value = text.partition("=")
    return Attribute(name.strip().lower(), value.strip())


def cookies_sent(headers: Headers) -> Iterator[Cookie]:
    """Yield the cookies of a request, in their order."""
    for header in values(headers, "cookie"):
        for pair in header.split(";"):
            cookie = parse_pair(pair)
            if cookie is not None:
                yield cookie


def cookies_set(headers: Headers) -> Iterator[SetCookie]:
    """Yield the cookies that a response sets, in their order."""
    for header in values(headers, "set-cookie"):
        cookie = parse_set_cookie(header)
        if cookie is not None:
            yield cookie


def edit_attributes(header: str, edit: Callable[[Attribute, str], str | None]) -> str:
    """Replace each attribute in the value of a `Set-Cookie`.

    `edit` gets the attribute and its text as written, and returns the text that takes its place, or None to leave
    the attribute out. All other bytes of the value stay as they are.
    """
    pair, *attributes = header.split(";")
    edited = (edit(parse_attribute(text), text) for text in attributes)
    return ";".join([pair, *(text for text in edited if text is not None)])


def without_prefix(header: str) -> str:
    """Return the value of a `Set-Cookie` whose name browsers take over plain HTTP, too."""
    for prefix, other in PREFIXES.items():
        if header.lstrip().lower().startswith(prefix.lower()):
            return other + header.lstrip()[len(prefix) :]
    return header


def original_cookies(header: str) -> str:
    """Return the value of a `Cookie` header with the names that `without_prefix` has changed as they were."""
    for prefix, other in PREFIXES.items():
        header = re.sub(rf"(^|;\s*){other}", rf"\1{prefix}", header)
    return header


def with_original_cookies(headers: Headers) -> Headers:
    """Return a request's headers with the cookies' names that a server has given them."""
    if not any("chatreel_" in value for _, value in headers):
        return headers
    return tuple(
        (name, original_cookies(value) if name.lower() == "cookie" else value) for name, value in headers
    )
