"""Parses and writes sizes and durations such as 10kB and 250ms."""

from __future__ import annotations

import re

NUMBER = r"([0-9]{1,15}(?:\.[0-9]{1,15})?)"
SIZE = re.compile(NUMBER + r" ?([kKMGT]?i?)B?")
DURATION = re.compile(NUMBER + r" ?(us|ms|s|m|h|)")

BYTES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
BYTES |= {"ki": 2**10, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
MICROSECONDS = {"us": 1, "ms": 10**3, "s": 10**6, "": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6}


def size(text: str) -> int:
    """Parse a size: 512, 10kB, 5MB (powers of 1000), 64KiB (powers of 1024); returns bytes or raises ValueError."""
    found = SIZE.fullmatch(text)
    if found is None or found[2] not in BYTES:
        raise ValueError(f"{text!r} is no size; write 512, 10kB, 5MB or 1GiB")
    return int(float(found[1]) * BYTES[found[2]])


def duration(text: str) -> int:
    """Parse a duration: 250ms, 2s, 1m, 1h, or a number of seconds; returns microseconds or raises ValueError."""
    found = DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no duration; write 250ms, 2s, 1m or 1h")
    return round(float(found[1]) * MICROSECONDS[found[2]])


def write_duration(microseconds: int) -> str:
    """Return a duration in the largest unit of which it is a whole multiple, such as "90s" for 90 000 000."""
    unit = next(unit for unit in ("h", "m", "s", "ms", "us") if microseconds % MICROSECONDS[unit] == 0)
    return f"{microseconds // MICROSECONDS[unit]}{unit}" if microseconds else "0s"
