"""The live run's own credentials: recordings keep no secrets, so a person gives them, and nothing writes them down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cassettes.redaction.secret_headers import secrets
from foundation.errors import UsageError

HEADERS, COOKIES = "CHATREEL_LIVE_HEADERS", "CHATREEL_LIVE_COOKIES"
"""Variables of the environment: NAME:VALUE and NAME=VALUE, one a line."""

LONGEST = 8192
"""Characters of a value: what redaction follows, and more than servers take."""

NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[ -~]+")
COOKIE_VALUE = re.compile(r"[!-+\--:<-~]+")
FRAMING = frozenset({"connection", "content-length", "expect", "transfer-encoding", "upgrade"})
"""Headers that tell how a request is sent, which is not a person's to say."""


class Credentials:
    """Headers and cookies that every live request has; their values show in no representation."""

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
        """The redaction's rules that replace these headers, whatever they are called."""
        return [f"header:{name}" for name, _ in self.headers]

    @property
    def secrets(self) -> list[str]:
        """The values that must not be written, without the scheme that stands before some."""
        found = [value.strip(' "') for _, value in self.cookies]
        for name, value in self.headers:
            found += [value[span.start : span.end] for span in secrets(f"x-{name}", value.encode())]
        return found


NONE = Credentials()


def parse_credentials(
    headers: Iterable[str], cookies: Iterable[str], environ: Mapping[str, str]
) -> Credentials:
    """Credentials as they are written: NAME:VALUE and NAME=VALUE, from the command line and the environment.

    Of headers of one name, and of such cookies, the command line's count. Raises UsageError, which tells no value.
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
    """The lines of a variable that are not blank."""
    return (line.strip() for line in text.splitlines() if line.strip())


def header(text: str, where: str) -> tuple[str, str]:
    """One header, `where` being the option or variable that has it. Raises UsageError."""
    name, value = pair(text, ":", where)
    if name.lower() == "cookie":
        raise UsageError(f"{where} Cookie: give each cookie on its own, with --cookie NAME=VALUE")
    if name.lower() in FRAMING:
        raise UsageError(f"{where} {name}: this header tells how a request is sent; leave it out")
    return checked(name, value, HEADER_VALUE, where)


def cookie(text: str, where: str) -> tuple[str, str]:
    """One cookie, `where` being the option or variable that has it. Raises UsageError."""
    name, value = pair(text, "=", where)
    return checked(name, value, COOKIE_VALUE, where)


def pair(text: str, mark: str, where: str) -> tuple[str, str]:
    """Name and value; text without a mark is not shown, because it may be a secret."""
    name, found, value = text.partition(mark)
    if not found or not NAME.fullmatch(name.strip()):
        raise UsageError(f"{where}: expected NAME{mark}VALUE, found no name before a {mark!r}")
    return name.strip(), value.strip()


def checked(name: str, value: str, allowed: re.Pattern[str], where: str) -> tuple[str, str]:
    """The pair, when its value can be sent (RFC 9110, 5.5; RFC 6265, 4.1.1)."""
    if not allowed.fullmatch(value) or len(value) > LONGEST:
        what = f"expected 1 to {LONGEST} printable ASCII characters"
        raise UsageError(f"{where} {name}: the value cannot be sent; {what}")
    return name, value
