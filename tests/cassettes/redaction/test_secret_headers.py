from __future__ import annotations

import pytest

from cassettes.redaction.secret_headers import is_structured, secrets


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Authorization", b"Bearer abc.def", [b"abc.def"]),
        ("authorization", b"Basic dTpw", [b"dTpw"]),
        ("Authorization", b"abcdef", [b"abcdef"]),
        ("Authorization", b"Bearer ", [b"Bearer"]),
        ("Proxy-Authorization", b"Digest username=x, response=y", [b"username=x, response=y"]),
        ("X-API-Key", b" abc ", [b"abc"]),
        ("Cookie", b'a=1; session_id="x=y/z=="; flag; empty=', [b"1", b"x=y/z==", b"flag"]),
        ("Set-Cookie", b"session_id=abc; HttpOnly; Path=/; SameSite=Lax", [b"abc"]),
        ("Set-Cookie", b'a = "b c" ; Expires=Wed, 01 Jan 2031 00:00:00 GMT', [b"b c"]),
        ("Set-Cookie", b"gone=; Max-Age=0", []),
        ("Set-Cookie", b"", []),
        ("Cookie", b";;=;", []),
    ],
)
def test_finds_the_secrets_of_a_header(name, value, found):
    assert is_structured(name)
    assert [value[span.start : span.end] for span in secrets(name, value) if span.end > span.start] == found


def test_a_cookie_is_followed_if_its_value_or_its_name_says_so():
    assert [span.strict for span in secrets("Cookie", b"theme=dark; auth_token=sunshine")] == [True, False]


def test_other_headers_are_not_structured_unless_a_rule_says_so():
    assert not is_structured("Content-Type")
    assert not is_structured("X-Tenant")
    assert is_structured("X-Tenant", {"x-tenant"})
