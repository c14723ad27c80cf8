"""Reads the urls that name a chatbot or a platform on the command line; without a scheme they are http."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from foundation.default_ports import CHATBOT, on_loopback
from foundation.errors import UsageError
from foundation.printable import printable

STREAM = "/api/v1/stream"
"""Where a chatbot streams, unless its url says otherwise."""

EXAMPLE = f"http://{on_loopback(CHATBOT)}"


def origin(given: str, option: str = "--upstream") -> str:
    """The scheme://host[:port] that an option gives for a chatbot. Raises UsageError when there is more, or less."""
    parts = split(given)
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(f"{option} {printable(given)}: write scheme://host[:port], for example {EXAMPLE}")
    return f"{parts.scheme}://{parts.netloc}"


def url_at(given: str, option: str, path: str = STREAM) -> SplitResult:
    """The url that an option gives, at `path` when it names only an origin. Raises UsageError when it is no url."""
    parts = split(given)
    if parts is None:
        raise UsageError(f"{option} {printable(given)}: write a url such as {EXAMPLE}")
    return parts._replace(path=parts.path if parts.path.strip("/") else path)


def split(given: str) -> SplitResult | None:
    """The parts of a url of http or https, None when it is anything else; a missing scheme is http."""
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if valid and not any(character.isspace() for character in parts.netloc) else None
