from __future__ import annotations

import pytest

from cassettes.redaction.secret_headers import holds_secret, secrets

WITH_SECRETS = """
xi-api-key x-portkey-api-key Helicone-Auth cf-aig-authorization X-Client-Secret X-Subscription-Token
Authorization-Token X-Jwt-Assertion Set-Cookie2 X-Hub-Signature-256 x-ms-client-principal x-amzn-oidc-data
X-Amzn-Oidc-Accesstoken X-Goog-Api-Key x-functions-key Mcp-Session-Id
"""
WITHOUT = """
Content-Type X-Tenant Idempotency-Key Sec-WebSocket-Key X-Next-Page-Token x-ms-continuation-token Surrogate-Key
anthropic-ratelimit-tokens-remaining x-ratelimit-limit-tokens WWW-Authenticate X-Request-Id ETag
"""


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
    assert holds_secret(name)
    assert [value[span.start : span.end] for span in secrets(name, value) if span.end > span.start] == found


def test_a_cookie_is_followed_as_its_name_says():
    assert [span.follow for span in secrets("Cookie", b"theme=dark; password=sunshine")] == [
        "random",
        "composed",
    ]


@pytest.mark.parametrize("name", WITH_SECRETS.split())
def test_headers_that_hold_secrets(name):
    assert holds_secret(name)


@pytest.mark.parametrize("name", WITHOUT.split())
def test_headers_that_hold_none(name):
    assert not holds_secret(name)
    assert secrets(name, b"aB3dE5gH7jK9mN") == []
    assert secrets(name, b"aB3dE5gH7jK9mN", asked=True)
