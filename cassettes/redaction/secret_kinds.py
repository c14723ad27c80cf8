"""The kinds of secrets that are known by a name before them, as a table; `docs/redaction.md` is made of it.

A name is compared without case, `-`, `_`, `.`, blanks and a final `s`, so that `apiKey`, `api-key` and `API_KEYS` are
one. The first kind in the table that has a name counts. The kinds that are known by their shape are in `secret_shapes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cassettes.redaction.spans import Follow

type Place = Literal["json", "form", "query", "part", "code", "header"]
"""Where a name and its value stand: a JSON key at any depth of escaping; a field of a url-encoded form; a parameter of
a url; a part of a multipart body (RFC 7578); `name=value` in any other text; a header."""

type ValueTest = Literal["any", "unspaced", "unwordly", "code number", "random"]
"""What must be true of a value:

any            it is a text or a number
unspaced       it is a text without blanks
unwordly       it is a text without blanks that is more than a word or a number
code number    it is a number, or a short text, with three digits or more
random         it cannot be an ordinary word or number; where earlier values of the name were words, it has 32 bytes
               or more, too
"""

EVERYWHERE: tuple[Place, ...] = ("json", "form", "query", "part", "code")
ALSO_HEADERS: tuple[Place, ...] = (*EVERYWHERE, "header")


@dataclass(frozen=True)
class NameKind:
    """A kind of secret that its name tells: one of the `names`, or a name that ends in one of the `endings`."""

    kind: str
    names: tuple[str, ...]
    endings: tuple[str, ...]
    value: ValueTest
    example: str
    places: tuple[Place, ...] = EVERYWHERE
    follow: Follow = "random"


NAME_KINDS: tuple[NameKind, ...] = (
    NameKind(
        "password", ("pwd", "passcode", "kennwort"),
        ("password", "passwd", "passphrase", "passwort"),
        "any", '`{"db_password": "hunter2"}`', follow="composed",
    ),
    NameKind(
        "api key",
        ("accesskeyid", "subscriptionkey", "encryptionkey", "signingkey", "masterkey", "authkey", "xfunctionskey",
         "ocpapimsubscriptionkey", "ddapplicationkey", "virtualkey", "xportkeyvirtualkey"),
        ("apikey", "secretkey", "privatekey", "accesskey", "clientsecret", "appsecret"),
        "unspaced", "`?api_key=...`", ALSO_HEADERS,
    ),
    NameKind(
        "access token",
        ("idtoken", "csrfmiddlewaretoken", "xamzcredential", "xgoogcredential", "privatetoken", "jobtoken", "xtoken"),
        ("accesstoken", "refreshtoken", "authtoken", "sessiontoken", "csrftoken", "xsrftoken", "bearertoken",
         "securitytoken", "apitoken", "authorizationtoken", "authorization", "subscriptiontoken"),
        "unspaced", '`{"access_token": "..."}`', ALSO_HEADERS,
    ),
    NameKind(
        "credentials", ("auth", "authentication"), ("credential",),
        "any", '`{"credentials": {"user": "...", "key": "..."}}`', ("json", "form", "query", "part", "header"),
    ),
    NameKind(
        "credential header", (),
        ("key", "token", "secret", "auth", "authorization", "authentication", "password", "assertion", "credential",
         "signature", "jwt", "clientprincipal", "oidcdata", "signature256"),
        "any", "`Helicone-Auth: Bearer ...`", ("header",),
    ),
    NameKind(
        "one-time code",
        ("pin", "otp", "totp", "mfacode", "otpcode", "onetimecode", "verificationcode", "cvv", "cvc"), (),
        "code number", '`{"otp": "492039"}`', ("json", "form", "query", "part"), follow="never",
    ),
    NameKind(
        "session id", ("sid", "sessid", "jsessionid", "phpsessid", "mcpsessionid"), ("sessionid",),
        "random", '`{"session_id": "..."}`', ALSO_HEADERS,
    ),
    NameKind("secret", (), ("secret",), "unwordly", '`{"webhook_secret": "..."}`'),
    NameKind(
        "signature", ("sig", "jwt", "xamzsignature", "xgoogsignature", "assertion", "clientassertion", "samlresponse"),
        ("signature",), "random", "`?X-Amz-Signature=...`",
    ),
    NameKind("token", (), ("token",), "random", '`{"my_token": "..."}`'),
    NameKind("key", (), ("key",), "random", "`?key=...`"),
)  # fmt: skip
"""The table."""

ORDINARY = """
page paging pagination next prev previous cursor continuation continue sync resume start last scroll progress offset
idempotency cache public publishable partition sort primary foreign object dedupe deduplication routing row shard
surrogate eos bos pad unk sep mask stop max min num count websocket
"""
ORDINARY_WORDS = frozenset(ORDINARY.split())
"""Words in the names of tokens and keys that grant nothing: paging cursors, words of a vocabulary, keys of data."""

JUDGED: tuple[ValueTest, ...] = ("unwordly", "random")
"""The tests that judge a value by itself. A name with one of `ORDINARY_WORDS` in it is none of these kinds."""
