"""Escapes untrusted text for terminals and logs, so that it cannot move the cursor or imitate other lines."""

from __future__ import annotations

import json

LONGEST = 1000
"""Characters of a text that `one_line` keeps."""


def printable(text: str) -> str:
    """Return the text with characters that are not printable (controls, direction marks) escaped as in JSON."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def one_line(text: str) -> str:
    """Return the text on one line, unprintable characters escaped as in Python, cut after `LONGEST` characters."""
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST])
    return escaped if len(text) <= LONGEST else f"{escaped}..."
