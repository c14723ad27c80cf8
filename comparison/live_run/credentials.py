"""The credentials of a live run: recordings have none, so a person gives them; they are written nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cassettes.redaction.secret_headers import secrets
from foundation.errors import UsageError

HEADERS, COOKIES = "CHATREEL_LIVE_HEADERS", "CHATREEL_LIVE_COOKIES"
"""Environment variables, with NAME:VALUE and NAME=VALUE on each line."""

LONGEST = 8192
"""Characters of a value: as many as redaction finds again, and more than servers accept."""

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[ -~]+")
COOKIE_VALUE = re.compile(r"[!-+\--:<-~]+")
FRAMING = frozenset({"connection", "content-length", "expect", "transfer-encoding", "upgrade"})
"""Headers that say how a request is sent; these are made by the client, not given by a person."""


class Credentials:
    """Headers and cookies that every live request gets; `repr` has their names only."""

    def __init__(
        self, headers: Iterable[tuple[str, str]] = (), cookies: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.headers = tuple(headers)
        self.cookies = tuple(cookies)

    def __repr__(self) -> str:
        names = [name for name, _ in (*self.headers, *self.cookies)]
        return f"Credentials({', '.join(names)})"

    @property
    def rules(self) -> list[str]:
        """Returns redaction rules that replace the values of these headers, whatever their names are."""
        return [f"header:{name}" for name, _ in self.headers]

    @property
    def secrets(self) -> list[str]:
        """Returns the values that must not be written, without a scheme such as "Bearer " before them."""
        found = [value.strip(' "') for _, value in self.cookies]
        for name, value in self.headers:
            found += [value[span.start : span.end] for span in secrets(name, value.encode(), asked=True)]
        return found


NONE = Credentials()


def parse_credentials(
    headers: Iterable[str], cookies: Iterable[str], environ: Mapping[str, str]
) -> Credentials:
    """Reads credentials from the command line and the environment: headers as NAME:VALUE, cookies as NAME=VALUE.

    When both have a header or cookie of one name, that of the command line counts. Raises UsageError, whose text has
    no values.
    """
    from_environment = Credentials(
        [header(text, HEADERS) for text in lines(environ.get(HEADERS, ""))],
        [cookie(text, COOKIES) for text in lines(environ.get(COOKIES, ""))],
    )
    own = Credentials(
        [header(text, "--header") for text in headers], [cookie(text, "--cookie") for text in cookies]
    )
    given = {name.lower() for name, _ in own.headers}
    more = [pair for pair in from_environment.headers if pair[0].lower() not in given]
    return Credentials([*more, *own.headers], (dict(from_environment.cookies) | dict(own.cookies)).items())


def lines(text: str) -> Iterator[str]:
    """Yields the lines of a variable that are not blank."""
    return (line.strip() for line in text.splitlines() if line.strip())


def header(text: str, where: str) -> tuple[str, str]:
    """Returns name and value of a header from the option or variable `where`; raises UsageError."""
    name, value = pair(text, ":", where)
    if name.lower() == "cookie":
        raise UsageError(f"{where} Cookie: give each cookie on its own, with --cookie NAME=VALUE")
    if name.lower() in FRAMING:
        raise UsageError(f"{where} {name}: this header tells how a request is sent; leave it out")
    return checked(name, value, HEADER_VALUE, where)


def cookie(text: str, where: str) -> tuple[str, str]:
    """Returns name and value of a cookie from the option or variable `where`; raises UsageError."""
    name, value = pair(text, "=", where)
    return checked(name, value, COOKIE_VALUE, where)


def pair(text: str, mark: str, where: str) -> tuple[str, str]:
    """Returns name and value on both sides of a mark; raises UsageError without the text, which may be a secret."""
    name, found, value = text.partition(mark)
    if not found or not NAME.fullmatch(name.strip()):
        raise UsageError(f"{where}: expected NAME{mark}VALUE, found no name before a {mark!r}")
    return name.strip(), value.strip()


def checked(name: str, value: str, allowed: re.Pattern[str], where: str) -> tuple[str, str]:
    """Returns name and value if the value can be sent (RFC 9110, 5.5; RFC 6265, 4.1.1); else raises UsageError."""
    if not allowed.fullmatch(value) or len(value) > LONGEST:
        what = f"expected 1 to {LONGEST} printable ASCII characters"
        raise UsageError(f"{where} {name}: the value cannot be sent; {what}")
    return name, value
