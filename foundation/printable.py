"""Untrusted text on a terminal or in a log: nothing received or recorded may move the cursor or hide a line."""

from __future__ import annotations

import json

LONGEST = 1000


def printable(text: str) -> str:
    """The text with what is not printable escaped as in JSON: controls, direction marks, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def one_line(text: str) -> str:
    """The text with all that is not printable escaped, so that it can add neither lines nor colours."""
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST])
    return escaped if len(text) <= LONGEST else f"{escaped}..."
