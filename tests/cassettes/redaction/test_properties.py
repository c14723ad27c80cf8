"""What must hold for any secret, any text around it and any split."""

from __future__ import annotations

import json
from itertools import pairwise
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import AnyRecord, Chunk, End, Request, Response
from cassettes.redaction.randomness import is_random
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import parse_rules
from cassettes.redaction.stand_ins import canonical

KEY = b"a key that tests may keep secret"
RULES = ["pointer:/a/b", "regex:INT-[0-9]+", "email", "phone", "card", "header:x-tenant"]

ALPHABET = "abcdefXYZ0123456789+/=_-.~!$& é€"
CREDENTIALS = st.text(ALPHABET, min_size=8, max_size=30).filter(lambda text: is_random(text.encode()))
COOKIES = st.from_regex(r"\A[a-z]{4,9}[0-9][A-Za-z0-9+/=_.-]{4,30}\Z").filter(
    lambda text: is_random(text.encode())
)

FRAGMENTS = st.sampled_from(
    [b"data: ", b"\n\n", b'{"token": "', b'"', b'", "x": 1}', b'\\"password\\": \\"', b'\\"', b"\\", b"%", b"https://",
     b"u:p@h/", b"?api_key=", b"&", b"secret=%2", b'"credentials": {"a": ["', b'"]}', b"INT-", b"42", b"ada@ex.org",
     b"4111111111111111", b'{"a": {"b": "x1"}}', b"s3cr3tAb", b"\\u00", b"e9", b"\\/", b" ", b"hello"]
)  # fmt: skip
SOUP = st.lists(FRAGMENTS | st.binary(max_size=3), max_size=15).map(b"".join)
CUTS = st.lists(st.integers(0, 200), max_size=6)
MEDIA = st.sampled_from(["text/event-stream", "application/json", "text/plain", "image/png"])


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(places)]


def recording(
    pieces: list[bytes], media: str = "text/event-stream", secret: str = "s3cr3tAbC"
) -> list[AnyRecord]:
    cookie = ("Set-Cookie", f"sid={secret}; Path=/")
    return [
        Response(exchange=0, at=0, status=200, reason="OK", headers=(("Content-Type", media), cookie)),
        *(Chunk(exchange=0, at=at, data=piece) for at, piece in enumerate(pieces)),
        End(exchange=0, at=len(pieces), how="complete"),
    ]


def written(
    records: list[AnyRecord], redactor: Redactor | None = None, *, batched: bool = False
) -> list[AnyRecord]:
    redactor = redactor or Redactor(parse_rules(RULES), key=KEY)
    batches = [records] if batched else [[record] for record in records]
    return [record for batch in batches for record in redactor.feed(batch)] + redactor.close()


def data_of(records: list[AnyRecord]) -> list[bytes]:
    return [record.data for record in records if isinstance(record, Chunk)]


@given(COOKIES, SOUP, SOUP, CUTS, st.booleans())
def test_a_cookie_is_nowhere_in_what_is_written(secret, before, after, cuts, batched):
    pieces = split(before + secret.encode() + after, cuts)
    result = b"".join(data_of(written(recording(pieces, secret=secret), batched=batched)))
    assert secret.encode() not in result


@given(CREDENTIALS, st.sampled_from(["password", "client_secret", "apiKey", "my-secret"]), SOUP, CUTS)
def test_a_credential_is_nowhere_behind_the_place_that_told(secret, name, between, cuts):
    told = json.dumps({name: secret}).encode() + b"\n\n"
    spellings = b" ".join([secret.encode(), quote(secret, safe="").encode(), json.dumps(secret).encode()])
    pieces = split(told + between + b"\n\n" + spellings, cuts)
    redactor = Redactor(key=KEY)
    result = b"".join(data_of(written(recording(pieces, secret=""), redactor)))
    assert secret.encode() not in result
    assert quote(secret, safe="").encode() not in result


@given(SOUP, CUTS, MEDIA, st.booleans())
def test_lengths_order_and_times_stay(data, cuts, media, batched):
    before = recording(split(data, cuts), media)
    after = written(before, batched=batched)
    assert [type(record) for record in after] == [type(record) for record in before]
    assert [record.at for record in after] == [record.at for record in before]
    assert [len(piece) for piece in data_of(after)] == [len(piece) for piece in data_of(before)]


@given(SOUP, CUTS, MEDIA, st.booleans())
def test_every_split_gives_the_same_text(data, cuts, media, batched):
    whole = data_of(written(recording([data], media)))
    assert b"".join(data_of(written(recording(split(data, cuts), media), batched=batched))) == b"".join(whole)


@given(CREDENTIALS, COOKIES, st.sampled_from(["api_key", "password", "secret"]), CUTS)
def test_what_was_redacted_stays_as_it_is(secret, cookie, name, cuts):
    redactor = Redactor(parse_rules(["email"]), key=KEY)
    body = json.dumps(
        {name: secret, "x": f"{cookie} ada@example.com https://u:{quote(secret, safe='')}@h/"}
    ).encode()
    once = written(recording(split(body, cuts), secret=cookie), redactor)
    assert written(once, redactor) == once
    assert once != recording(split(body, cuts), secret=cookie)


@given(COOKIES)
def test_equal_values_have_equal_standins_in_every_context(secret):
    redactor = Redactor(key=KEY)
    redactor.feed(recording([], secret=secret))
    escaped = json.dumps(json.dumps({"x": secret}).replace("/", "\\/"))
    request = Request(
        exchange=1, at=0, method="POST", http="1.1", url=f"http://h/{quote(secret, safe='')}?x={secret}",
        headers=(("Cookie", f"sid={secret}"),), body=escaped.encode(),
    )  # fmt: skip
    (after,) = redactor.feed([request])
    assert isinstance(after, Request)
    standin = after.headers[0][1].removeprefix("sid=")
    path, _, query = after.url.removeprefix("http://h/").partition("?x=")
    assert standin != secret
    assert canonical(path.encode()) == query.encode() == standin.encode()
    assert json.loads(json.loads(after.body)) == {"x": standin}


@given(st.binary(max_size=80), st.text(max_size=40), MEDIA)
def test_nothing_that_arrives_is_an_error(data, text, media):
    headers = tuple((name, text) for name in ("Cookie", "Set-Cookie", "Authorization", "X-A", "Location"))
    request = Request(
        exchange=0,
        at=0,
        method=text,
        http=text,
        url=text,
        headers=(("Content-Type", media), *headers),
        body=data,
    )
    records = [request, *recording([data, data], media), End(exchange=0, at=0, how="error", message=text)]
    assert len(written(records)) == len(records)
