"""A request as a line of curl."""

from __future__ import annotations

import re
import shlex

from cassettes.model import Request
from replayer.matching.options import HEADER_NAME

GLOB = re.compile(r"[\[\]{}]")
"""What curl takes for a pattern of several urls, unless it is told not to."""

LEFT_OUT = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding"})
"""Headers that curl sets itself, or that would change what comes back."""

LONGEST_BODY = 64 << 10
"""Bytes of a body that fit on a command line that somebody pastes."""


def curl(request: Request) -> str:
    """The command that sends the request again, quoted for a shell; what was redacted stays so.

    `-N` shows a stream as it comes. A body that is not UTF-8, or too long for a line, has to be put into a file.
    """
    words = ["curl", "-N"]
    if request.method != ("POST" if request.body else "GET"):
        words += ["-X", request.method]
    if GLOB.search(request.url):
        words.append("-g")
    # What was recorded must not become an option, nor the name of a file.
    words += [request.url] if request.url.startswith(("http://", "https://")) else ["--url", request.url]
    for name, value in request.headers:
        if name.lower() not in LEFT_OUT and HEADER_NAME.fullmatch(name):
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    if request.body:
        words += ["--data-raw", body] if (body := text(request.body)) else ["--data-binary", "@body"]
    return shlex.join(words)


def text(body: bytes) -> str:
    """A body that can stand on the line, empty for one that cannot."""
    try:
        return "" if len(body) > LONGEST_BODY or b"\0" in body else body.decode()
    except UnicodeDecodeError:
        return ""
