from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.http.cookies import (
    Cookie,
    SetCookie,
    cookies_sent,
    cookies_set,
    edit_attributes,
    original_cookies,
    parse_pair,
    parse_set_cookie,
    with_original_cookies,
    without_prefix,
)


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        ("a=1; b=2", [("a", "1"), ("b", "2")]),
        ("a=1;b=x=y", [("a", "1"), ("b", "x=y")]),
        ('a="quoted one" ;\tb = 2 ', [("a", '"quoted one"'), ("b", "2")]),
        ("a=1; flag; ; a=2", [("a", "1"), ("a", "2")]),
        ("a=; =z", [("a", ""), ("", "z")]),
        ("", []),
    ],
)
def test_what_a_client_sends(header, cookies):
    assert list(cookies_sent((("X", "x=1"), ("COOKIE", header)))) == cookies


@pytest.mark.parametrize(
    ("header", "cookie", "attributes"),
    [
        ("s=1", ("s", "1", ""), {}),
        ("s=a=b; Path=/; HttpOnly", ("s", "a=b", "; Path=/; HttpOnly"), {"path": "/", "httponly": ""}),
        (" s = 1 ;PATH = /a ;path=/b", ("s", "1", ";PATH = /a ;path=/b"), {"path": "/b"}),
        ("s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ("s", "", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
         {"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    ],
)  # fmt: skip
def test_what_a_server_sets(header, cookie, attributes):
    (found,) = cookies_set((("Set-Cookie", "no cookie; a=b"), ("set-cookie", header), ("Cookie", "c=1")))
    assert found == cookie
    assert found.attribute_values() == attributes


def test_cookies_are_written_as_they_are_sent_and_set():
    assert Cookie("a", "1").pair == "a=1"
    assert SetCookie("a", "1", "; Path=/").pair == "a=1"
    assert SetCookie("a", "1", "; Path=/").text == "a=1; Path=/"


def test_attributes_are_replaced_or_left_out_and_the_rest_keeps_its_bytes():
    def edit(attribute, text):
        return {"domain": None, "path": " Path=/x"}.get(attribute.name, text)

    header = ' a = "1" ;DOMAIN = h; Path=/;  Max-Age = 7 ; SameSite'
    assert edit_attributes(header, edit) == ' a = "1" ; Path=/x;  Max-Age = 7 ; SameSite'


@given(st.text(st.characters(max_codepoint=255)))
def test_an_edit_that_changes_nothing_keeps_every_byte(header):
    assert edit_attributes(header, lambda _, text: text) == header


@given(st.text(st.characters(max_codepoint=255)))
def test_what_was_written_is_read_back(header):
    found = parse_set_cookie(header)
    assert (found is None) == (parse_pair(header.partition(";")[0]) is None)
    if found is not None:
        assert parse_set_cookie(found.text) == found


@pytest.mark.parametrize("name", ["__Host-sid", "__Secure-sid"])
def test_a_name_that_needs_tls_becomes_another_and_its_own_again(name):
    header = without_prefix(f"{name}=1; Path=/")
    other = header.partition("=")[0]
    assert not other.startswith("__")
    assert header == f"{other}=1; Path=/"
    assert original_cookies(f"a=2; {other}=1;{other}x=3") == f"a=2; {name}=1;{name}x=3"


def test_other_names_stay():
    assert without_prefix("__Hostel-a=1") == "__Hostel-a=1"
    assert (
        original_cookies("a=chatreel_host_b; my_chatreel_host_c=1")
        == "a=chatreel_host_b; my_chatreel_host_c=1"
    )
    headers = (("Cookie", "chatreel_host_a=1"), ("X-A", "chatreel_host_a=1"))
    assert with_original_cookies(headers) == (("Cookie", "__Host-a=1"), ("X-A", "chatreel_host_a=1"))
