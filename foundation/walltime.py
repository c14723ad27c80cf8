"""The time of day as integers: microseconds since 1970 in UTC, and the same in ISO 8601."""

from __future__ import annotations

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC) - EPOCH) // MICROSECOND
LAST = (dt.datetime.max.replace(tzinfo=dt.UTC) - EPOCH) // MICROSECOND


def parse(text: str) -> int:
    """The time that a text in ISO 8601 names, in UTC where it tells no zone; raises ValueError."""
    time = dt.datetime.fromisoformat(text)
    aware = time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return (aware - EPOCH) // MICROSECOND


def to_text(time: int) -> str:
    """A time as cassettes and HAR files write it; what lies beyond the calendar is its first or last moment."""
    moment = EPOCH + min(max(time, FIRST), LAST) * MICROSECOND
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
