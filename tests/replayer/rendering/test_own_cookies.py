from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime

from hypothesis import given
from hypothesis import strategies as st

from replayer.rendering.own_cookies import ClientAddress, later, with_moved_expiry

RECORDED = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@given(st.integers(1, 10**10), st.integers(0, 10**9))
def test_the_rest_of_a_cookies_life_stays(life, since):
    expires, passed = RECORDED + dt.timedelta(seconds=life), dt.timedelta(seconds=since)
    found = with_moved_expiry(
        f"s=1; Expires={expires:%a, %d %b %Y %H:%M:%S GMT}", ClientAddress("", RECORDED + passed, RECORDED)
    )
    assert parsedate_to_datetime(found.partition("Expires=")[2]) == expires + passed


@given(
    st.text()
    | st.from_regex(r"\w{3}, \d{1,2}[ -]\w{3}[ -]\d{1,5} \d\d?:\d\d:\d\d ([+-]\d{4}|GMT|)", fullmatch=True)
)
def test_any_date_is_moved_or_left(text):
    assert isinstance(later(text, ClientAddress("", RECORDED + dt.timedelta(days=400), RECORDED)), str)
