"""What varies by nature and is known by its shape: timestamps, ids, durations.

Two values of one shape are the same; a changed shape is a difference. A number has no shape of its own: it is a
timestamp or a duration only where its name says so, so that none that counts is ever taken for noise.
"""

from __future__ import annotations

import re
from functools import lru_cache

TIMESTAMP = r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d)?([.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?"
COMPACT = r"\d{8}T\d{6}Z?"
HTTP_DATE = (
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d:\d\d GMT"
)
CLOCK = r"[0-2]?\d:[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
UNIT = r"(?:ns|us|µs|ms|s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?)"
AMOUNT = r"\d{1,12}(?:\.\d{1,9})?"
DURATION = rf"{AMOUNT} ?{UNIT}(?: ?{AMOUNT} ?{UNIT}){{0,3}}|PT(?:{AMOUNT}[HMS]){{1,3}}"
JWT = r"eyJ[\w-]{8,}\.[\w-]{2,}(?:\.[\w-]*)?"

WHOLE_TIMESTAMP = re.compile(TIMESTAMP)
WHOLE = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("compact timestamp", COMPACT),
        ("http date", HTTP_DATE),
        ("time of day", CLOCK),
        ("uuid", UUID),
        ("duration", DURATION),
        ("jwt", JWT),
    )
)
INSIDE = re.compile(
    rf"(?<![\w.])(?:{TIMESTAMP}|{COMPACT}|{HTTP_DATE}|\d\d?:\d\d:\d\d|{UUID}|{AMOUNT} ?(?:ms|s|seconds?))(?!\w)"
)
"""What a machine writes into a text of several words; minutes and hours are what people talk about."""

WORD = re.compile(r"[A-Za-z0-9]+")
HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")

NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
TIME_NAME = re.compile(
    "at|created|date|datetime|ended|epoch|exp|expires|expiry|finished|iat|modified|nbf|now|received|sent|since|"
    "started|time|timestamp|ts|until|updated"
)
DURATION_NAME = re.compile("duration|elapsed|latency|took|uptime|runtime")
TIMED = re.compile("response|processing|execution|generation|thinking|total|wall|cpu|inference|queue|taken")
"""What takes time, where "time" is in a name beside it."""

EPOCHS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
FIRST, LAST = 10**9, 5 * 10**9  # 2001 to 2128

LONGEST_ID = 4096
"""Characters of an id, or of a timestamp."""


@lru_cache(maxsize=2048)
def of_text(value: str, name: str = "") -> str | None:
    """The shape of a string under a name, None where it has none that varies by nature."""
    if len(value) > LONGEST_ID:
        return None
    if value.isascii() and value.isdecimal():
        return of_number(int(value), name) if len(value) < 20 else None
    found = WHOLE_TIMESTAMP.fullmatch(value)
    if found:
        separator, seconds, fraction, zone = found.groups()
        offset = "offset" if zone and zone != "Z" else zone
        return f"timestamp {separator} {bool(seconds)} {bool(fraction)} {offset}"
    for kind, pattern in WHOLE:
        if pattern.fullmatch(value):
            return kind
    return _of_id(value)


def of_number(value: float, name: str) -> str | None:
    """The shape of a number under a name: a point in time (Unix epoch) or a duration."""
    words = [word.lower() for word in NAME_PARTS.findall(name)]
    if any(map(DURATION_NAME.fullmatch, words)) or ("time" in words and any(map(TIMED.fullmatch, words))):
        return "duration"
    if any(map(TIME_NAME.fullmatch, words)):
        return next(
            (f"epoch {unit}" for unit, per in EPOCHS.items() if FIRST * per <= value < LAST * per), None
        )
    return None


def masked(text: str) -> str:
    """A text of several words, what varies by nature in it replaced by its shape."""
    return INSIDE.sub(lambda found: f"<{(of_text(found[0]) or 'time').partition(' ')[0]}>", text)


def _of_id(value: str) -> str | None:
    """A word with parts that were drawn, as in job_fba3fec7: these by their kind and length, the rest as it is."""
    if not value.isascii() or any(char.isspace() for char in value):
        return None
    shape = WORD.sub(lambda found: _kind(found[0]), value)
    return f"id {shape}" if shape != value else None


def _kind(word: str) -> str:
    if len(word) >= 8 and is_drawn_hex(word):
        return f"<hex {len(word)}>"
    if len(word) >= 12 and len(TURN.findall(word)) >= 3:
        return f"<random {len(word)}>"
    return word


def is_drawn_hex(word: str) -> bool:
    """Whether a word is hexadecimal in one case, with two digits and a letter at least."""
    digits = sum(char.isdigit() for char in word)
    return HEX.fullmatch(word) is not None and 2 <= digits < len(word)
