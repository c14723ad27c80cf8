from __future__ import annotations

import datetime as dt
import random
import re

from sample_chatbot import session_cookies

NOW = dt.datetime(2026, 11, 22, 12, 0, 0, tzinfo=dt.UTC)


def seeded() -> random.Random:
    return random.Random(1)  # noqa: S311 - no secret depends on it


def test_the_session_cookie_has_exactly_the_attributes_of_the_contract() -> None:
    header = session_cookies.session_header(session_cookies.new_session(seeded()))
    assert re.fullmatch(r"session_id=[0-9a-f-]{36}; HttpOnly; Path=/; SameSite=Lax", header)


def test_the_stickiness_cookies_look_like_a_load_balancers() -> None:
    plain, cors = session_cookies.stickiness_headers(seeded(), NOW)
    value = "(?P<value>[A-Za-z0-9+/]{128})"
    expires = "Expires=Sun, 29 Nov 2026 12:00:00 GMT"
    first = re.fullmatch(f"AWSALB={value}; {expires}; Path=/", plain)
    second = re.fullmatch(f"AWSALBCORS={value}; {expires}; Path=/; SameSite=None; Secure", cors)
    assert first
    assert second
    assert first["value"] == second["value"]


def test_the_stickiness_value_is_new_each_time() -> None:
    source = seeded()
    assert session_cookies.stickiness_headers(source, NOW) != session_cookies.stickiness_headers(source, NOW)
