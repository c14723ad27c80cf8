"""The cookies with which a client reaches the worker that knows its jobs."""

from __future__ import annotations

import base64
import datetime as dt
import random
import uuid
from email.utils import format_datetime

SESSION = "session_id"
"""The application's own cookie, set once."""

STICKINESS = "AWSALB"
"""The load balancer's cookie, set again on every response."""

WEEK = dt.timedelta(days=7)


def new_session(random: random.Random) -> str:
    """A new session's id."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def session_header(session: str) -> str:
    """The `Set-Cookie` value that gives a client its session."""
    return f"{SESSION}={session}; HttpOnly; Path=/; SameSite=Lax"


def stickiness_headers(random: random.Random, now: dt.datetime) -> list[str]:
    """The two `Set-Cookie` values of a load balancer: one new value, for a week from `now` (UTC)."""
    value = base64.b64encode(random.randbytes(96)).decode()
    expires = format_datetime(now + WEEK, usegmt=True)
    return [
        f"{STICKINESS}={value}; Expires={expires}; Path=/",
        f"{STICKINESS}CORS={value}; Expires={expires}; Path=/; SameSite=None; Secure",
    ]
