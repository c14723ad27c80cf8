from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.live_run.cookie_jar import FOREVER, MOST_COOKIES, Jar, JarCookie, covers, default_path, parse

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
BEFORE = NOW - dt.timedelta(seconds=1)
LATER = NOW + dt.timedelta(hours=1)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1", JarCookie("a", "1", "/x")),
        (" a = 1 ; Path=/p ; HttpOnly", JarCookie("a", "1", "/p")),
        ('a="1=2"; path=p; SECURE', JarCookie("a", '"1=2"', "/x", secure=True)),
        ("a=; Max-Age=3600", JarCookie("a", "", "/x", expires=LATER)),
        ("a=1; Max-Age=-1; Expires=Thu, 22 Nov 2126 13:00:00 GMT", JarCookie("a", "1", "/x", expires=BEFORE)),
        ("a=1; Expires=Sun, 22 Nov 2026 13:00:00 GMT", JarCookie("a", "1", "/x", expires=LATER)),
        ("a=1; Expires=Sun, 22 Nov 2026 13:00:00 -0000", JarCookie("a", "1", "/x", expires=LATER)),
        ("a=1; Expires=some day; Max-Age=soon", JarCookie("a", "1", "/x")),
        (f"a=1; Max-Age={10**20}", JarCookie("a", "1", "/x")),
        (f"a=1; Max-Age=-{10**20}", JarCookie("a", "1", "/x", expires=dt.datetime.min.replace(tzinfo=dt.UTC))),
        ("a", None),
        ("=1", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_header_is_read_as_clients_read_it(header, expected):
    assert parse(header, "/x/y", NOW) == expected


@given(st.sampled_from(["", "a", "a=1; Expires=", "a=1; Max-Age=", "a=1; Path="]), st.text(max_size=80))
def test_any_header_is_a_cookie_or_none(begin, rest):
    cookie = parse(begin + rest, "/", NOW)
    assert cookie is None or cookie.path.startswith("/")


@pytest.mark.parametrize(
    ("path", "expected"), [("/", "/"), ("/a", "/"), ("/a/", "/a"), ("/a/b", "/a"), ("", "/")]
)
def test_a_cookie_without_a_path_is_for_its_folder(path, expected):
    assert default_path(path) == expected


@pytest.mark.parametrize(
    ("cookie", "path", "expected"),
    [("/", "/a", True), ("/a", "/a", True), ("/a", "/a/b", True), ("/a/", "/a/b", True), ("/a", "/ab", False),
     ("/a/", "/a", False)],
)  # fmt: skip
def test_a_cookie_goes_with_its_path(cookie, path, expected):
    assert covers(cookie, path) is expected


def test_a_jar_renews_and_deletes_and_lets_cookies_expire():
    jar = Jar([("own", "1")])
    jar.store(["a=1; Path=/", "b=2; Path=/b; Max-Age=60", "own=2; Path=/"], "/", NOW)
    jar.store(["a=3; Path=/"], "/", NOW)
    assert [(one.name, one.value) for one in jar.cookies("/b", NOW)] == [("b", "2"), ("a", "3"), ("own", "2")]
    assert [one.name for one in jar.cookies("/b", LATER)] == ["a", "own"]
    jar.store(["a=; Path=/; Max-Age=0", "never=; Max-Age=0"], "/", NOW)
    assert [one.name for one in jar.cookies("/", NOW)] == ["own"]


def test_a_jar_is_bounded():
    jar = Jar()
    jar.store([f"c{number}=1" for number in range(MOST_COOKIES + 5)], "/", NOW)
    kept = jar.cookies("/", NOW)
    assert (len(kept), kept[0].name, kept[0].expires) == (MOST_COOKIES, "c5", FOREVER)
