"""Converts between microseconds since 1970 in UTC and ISO 8601."""

from __future__ import annotations

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC) - EPOCH) // MICROSECOND
LAST = (dt.datetime.max.replace(tzinfo=dt.UTC) - EPOCH) // MICROSECOND


def parse(text: str) -> int:
    """Parse ISO 8601, in UTC when no zone is given; returns microseconds since 1970 or raises ValueError."""
    time = dt.datetime.fromisoformat(text)
    aware = time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return (aware - EPOCH) // MICROSECOND


def to_text(time: int) -> str:
    """Write microseconds since 1970 in ISO 8601, in UTC, limited to the years 1 to 9999."""
    moment = EPOCH + min(max(time, FIRST), LAST) * MICROSECOND
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
