"""Untrusted text on a terminal or in a log."""

from __future__ import annotations

LONGEST = 1000


def one_line(text: str) -> str:
    """The text with all that is not printable escaped, so that it can add neither lines nor colours."""
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST])
    return escaped if len(text) <= LONGEST else f"{escaped}..."
