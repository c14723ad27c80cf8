"""A request as a line of curl."""

from __future__ import annotations

import re
import shlex

from cassettes.model import Request
from replayer.matching.options import HEADER_NAME

URL_PATTERN = re.compile(r"[\[\]{}]")
"""Characters by which curl takes a url for a pattern of several, unless it has the option -g."""

SKIPPED_HEADERS = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding"})
"""Headers that curl sets itself, or that would have the response compressed."""

LONGEST_BODY = 64 << 10
"""Bytes of a body that is written on the command line."""


def curl(request: Request) -> str:
    """The command that sends the request again, quoted for a POSIX shell; what was redacted stays redacted.

    `-N` shows a stream as it arrives. For a body that is not UTF-8 or is too long the command names a file, `@body`.
    """
    words = ["curl", "-N"]
    if request.method != ("POST" if request.body else "GET"):
        words += ["-X", request.method]
    if URL_PATTERN.search(request.url):
        words.append("-g")
    # What was recorded must not become an option, nor the name of a file.
    words += [request.url] if request.url.startswith(("http://", "https://")) else ["--url", request.url]
    for name, value in request.headers:
        if name.lower() not in SKIPPED_HEADERS and HEADER_NAME.fullmatch(name):
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.body:
        words += ["--data-raw", body] if (body := body_text(request.body)) else ["--data-binary", "@body"]
    return shlex.join(words)


def body_text(body: bytes) -> str:
    """A body as text, empty where it cannot stand on the command line."""
    try:
        return "" if len(body) > LONGEST_BODY or b"\0" in body else body.decode()
    except UnicodeDecodeError:
        return ""
