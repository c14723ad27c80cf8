"""Recognises values that differ in every run by their shape: timestamps, ids, durations, JWTs.

Two values of one shape count as equal; another shape is a difference. With the name of the field:

    2026-11-22T12:00:00.5Z   "timestamp T True True Z"   separator, seconds and fraction given or not, time zone
    job_fba3fec76ca387b5     "id job_<hex 16>"           the random part by kind and length, the rest as it is
    3.2 s                    "duration"
    1732279868, created_at   "epoch s"                   a number is a time only under such a name,
    1732279868, count        None                        so that no number that counts is ever taken for noise

The shape of an id is that of one value, and chance can give two ids different ones: whether two values are both ids,
`cassettes.values.fresh_ids` tells from the two together.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cassettes.values import fresh_ids

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
"""Volatile parts of a text of several words. "5 minutes" is not one: people write that, and it may matter."""

WORD = re.compile(r"[A-Za-z0-9]+")
HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
LETTER_DIGIT_TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")

NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
TIME_NAME = re.compile(
    "at|created|date|datetime|ended|epoch|exp|expires|expiry|finished|iat|modified|nbf|now|received|sent|since|"
    "started|time|timestamp|ts|until|updated"
)
DURATION_NAME = re.compile("duration|elapsed|latency|took|uptime|runtime")
TIMED_NAME = re.compile(
    "response|processing|execution|generation|thinking|total|wall|cpu|inference|queue|taken"
)
"""With "time" in the same name, as in response_time, these name a duration."""

EPOCHS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
FIRST_EPOCH, LAST_EPOCH = 10**9, 5 * 10**9  # seconds, 2001 to 2128

ID = "id "
"""What the shape of an id begins with."""

LONGEST_ID = 4096
"""Characters of a value that is looked at; a longer one has no shape."""


@lru_cache(maxsize=2048)
def of_text(value: str, name: str = "") -> str | None:
    """Returns the shape of a string in a field of this name, None when its shape is none that varies by nature."""
    if len(value) > LONGEST_ID:
        return None
    if value.isascii() and value.isdecimal():
        return of_number(int(value), name) if len(value) < 20 else None
    timestamp = WHOLE_TIMESTAMP.fullmatch(value)
    if timestamp:
        separator, seconds, fraction, zone = timestamp.groups()
        offset = "offset" if zone and zone != "Z" else zone
        return f"timestamp {separator} {bool(seconds)} {bool(fraction)} {offset}"
    for kind, pattern in WHOLE:
        if pattern.fullmatch(value):
            return kind
    return _of_id(value)


def of_number(value: float, name: str) -> str | None:
    """Returns the shape of a number in a field of this name: "duration", "epoch ms" (Unix epoch) or that of an id."""
    if fresh_ids.is_id_name(name) and isinstance(value, int) and len(str(value)) >= fresh_ids.LONG_NUMBER:
        return f"{ID}of {len(str(value))} digits"
    words = [word.lower() for word in NAME_PARTS.findall(name)]
    if any(map(DURATION_NAME.fullmatch, words)) or (
        "time" in words and any(map(TIMED_NAME.fullmatch, words))
    ):
        return "duration"
    if any(map(TIME_NAME.fullmatch, words)):
        return next(
            (
                f"epoch {unit}"
                for unit, per in EPOCHS.items()
                if FIRST_EPOCH * per <= value < LAST_EPOCH * per
            ),
            None,
        )
    return None


def is_time_name(name: str) -> bool:
    """Returns whether a field of this name holds a moment, as `created_at` or `timestamp` do."""
    return any(TIME_NAME.fullmatch(word.lower()) for word in NAME_PARTS.findall(name))


def masked(text: str) -> str:
    """Returns a text with the volatile parts replaced: "done in 3.2 s" becomes "done in <duration>"."""
    return INSIDE.sub(lambda found: f"<{(of_text(found[0]) or 'time').partition(' ')[0]}>", text)


def _of_id(value: str) -> str | None:
    """Returns the shape of a word with random parts; None when it has none, or spaces."""
    if not value.isascii() or any(char.isspace() for char in value):
        return None
    shape = WORD.sub(lambda found: _random_part(found[0]), value)
    return f"{ID}{shape}" if shape != value else None


def _random_part(part: str) -> str:
    """Returns the kind and length of a part that looks random; any other as it is."""
    if len(part) >= 8 and is_random_hex(part):
        return f"<hex {len(part)}>"
    if len(part) >= 12 and len(LETTER_DIGIT_TURN.findall(part)) >= 3:
        return f"<random {len(part)}>"
    return part


def is_random_hex(word: str) -> bool:
    """Tells whether a word is hexadecimal in one case, with at least two digits and a letter."""
    digits = sum(char.isdigit() for char in word)
    return HEX.fullmatch(word) is not None and 2 <= digits < len(word)
