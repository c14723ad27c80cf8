r"""Escapes in names and before them: `%5F`, `\u005f`, and lines of an SSE event that cut a name."""

from __future__ import annotations

import re

BEFORE = re.compile(rb"\\(?:u[0-9A-Fa-f]{4}|[a-z])|%[0-9A-Fa-f]{2}")

CODES = rb"(?:[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|2[dDeE]|3[0-9])"
"""Codes of the characters that names have, in hexadecimal."""

UNIT = rb"(?:[\w.-]|%" + CODES + rb"|\\{1,8}[uU]00" + CODES + rb"|\r?\ndata: ?)"
NAME = re.compile(UNIT + rb"{1,96}")
NAME_BEFORE = re.compile(UNIT + rb"{0,96}\Z")
ESCAPE = re.compile(rb"%(" + CODES + rb")|\\{1,8}[uU]00(" + CODES + rb")|\r?\ndata: ?")

MARKS = (
    *(b"%" + code for code in (b"4", b"5", b"6", b"7", b"2d", b"2e", b"3")),
    *(b"\\u00" + code for code in (b"4", b"5", b"6", b"7", b"2d", b"2e", b"3")),
    *(
        b"\ndata:%s%c" % (blank, letter)
        for blank in (b"", b" ")
        for letter in b"abcdefghijklmnopqrstuvwxyz_-"
    ),
)
"""Words in lower case, one of which is in every name that has an escape or is cut by the lines of an event."""


def ends_escape(text: bytes, place: int) -> bool:
    r"""Return whether an escape ends at a place: `\n`, `\u0026` or `%26`."""
    return any(
        found.end() == place
        for size in (2, 3, 6)
        if (found := BEFORE.match(text, max(0, place - size), place))
    )


def unescaped(name: bytes) -> bytes:
    """Return a name without its escapes."""
    return ESCAPE.sub(lambda found: bytes.fromhex((found[1] or found[2] or b"").decode()), name)
