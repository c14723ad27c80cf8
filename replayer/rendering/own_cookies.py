"""The cookies of a recorded response as its client can keep them: where it is, and as long as when they were recorded.

They lose `Domain` and, where the replay speaks plain HTTP, `Secure`. Their `Expires` moves with the clock. A cookie
that was recorded on Monday at 9:00 and expired on Monday at 10:00, replayed on Friday at 15:30, expires on Friday at
16:30.
"""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime, parsedate_to_datetime

import msgspec

from foundation.http.cookies import Attribute, edit_attributes


class ClientAddress(msgspec.Struct, frozen=True):
    """Where and when a response is played: the origin that the client asked, and when it was recorded."""

    origin: str
    now: dt.datetime
    recorded: dt.datetime


def with_moved_expiry(cookie: str, address: ClientAddress) -> str:
    """A `Set-Cookie` that expires as long after now as the recorded one after its recording (RFC 6265, 4.1).

    One that had expired, which deletes the cookie, stays expired.
    """

    def at_its_age(attribute: Attribute, text: str) -> str:
        key, equals, date = text.partition("=")
        return key + equals + later(date, address) if attribute.name == "expires" and equals else text

    return edit_attributes(cookie, at_its_age)


def later(date: str, address: ClientAddress) -> str:
    """An HTTP date, moved by the time that has passed since the recording; as it is when it is none."""
    try:
        expires = parsedate_to_datetime(date)
    except ValueError:
        return date
    expires = expires if expires.tzinfo else expires.replace(tzinfo=dt.UTC)
    if expires <= address.recorded:
        return date
    try:
        return format_datetime((expires + (address.now - address.recorded)).astimezone(dt.UTC), usegmt=True)
    except OverflowError:  # it never expired, nor does it now
        return date
