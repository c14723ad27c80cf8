from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction.key_finder import KeyFinder
from cassettes.redaction.secret_names import kind_of
from cassettes.redaction.value_readers import LONGEST_LEAF

SECRET_NAMES = """
password Passwd pwd passphrase secret client_secret CLIENT-SECRET token access_token accessToken refresh_token
id_token auth_token session_token csrf_token api_key apikey api-key apiKey API_KEY x-api-key private_key
authorization credentials db_password new-password confirmPassword my_token my-token userToken webhook_secret
openai_api_key X-Amz-Signature sig api_keys passwords secrets tokens otp pin jwt session_id key
"""
ORDINARY_NAMES = """
token_count token_type tokenizer passwords_checked secretary keyboard
author authorized query message job_id progress signal design next_page_token pageToken continuation_token
eos_token progressToken max_new_token prompt_cache_key idempotency_key public_key
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_secret_names(name):
    assert kind_of(name.encode(), "json")


@pytest.mark.parametrize("name", ORDINARY_NAMES.split())
def test_names_that_are_not_secret(name):
    assert kind_of(name.encode(), "json") is None


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (b'{"password": "hunter2"}', b"hunter2"),
        (b'{"PassWord":"hunter2"}', b"hunter2"),
        (b'{"password" :\n  "abc def"}', b"abc def"),
        (b'data: {"api_key":\ndata: "abcdef"}\n\n', b"abcdef"),
        (rb'{"a": "{\"password\": \"ab\\\"cd\", \"x\": 1}"}', rb"ab\\\"cd"),
        (rb'{"a": "{\\\"api_key\\\": \\\"abcd\\\"}"}', b"abcd"),
        (rb'{"password": "ab\"cd\\"}', rb"ab\"cd\\"),
        (b"{'passwd': 'ab\"cd'}", b'ab"cd'),
        (b'{"pin_password": 1234}', b"1234"),
        (b'{"pin_password": -12.5, "x": 7}', b"-12.5"),
        (b'{"authorization": "Bearer abcdef"}', b"abcdef"),
        (b'{"password": "cut short\n\ndata: {}', b"cut short"),
        (b"https://h/p?auth_token=ab%2Fcd&x=1", b"ab%2Fcd"),
        (b"(see https://h/p?api_key=abcd).", b"abcd"),
        (rb'{"url": "https:\/\/h\/?access_token=ab\/cd\u0026x=1"}', rb"ab\/cd"),
        (rb"text\npassword=abcd1\n", b"abcd1"),
        (rb'"https://h/?x=1\u0026api_key=abcd"', b"abcd"),
        (b"?next=%2Fcb%3Fx%3D1%26api_key%3Dabcd%26y%3D2", b"abcd"),
        (b"user[password]=abcd1&x=1", b"abcd1"),
        (b"user%5Bpassword%5D=abcd1&x=1", b"abcd1"),
        (b'OpenAI(api_key="sk-abcd1", x=1)', b"sk-abcd1"),
        (rb'"OpenAI(api_key=\"sk-abcd1\", x=1)"', b"sk-abcd1"),
        (b'Content-Disposition: form-data; name="password"\r\n\r\nab cd\r\n--boundary', b"ab cd"),
        (
            b'Content-Disposition: form-data; name="api_key"; filename="t"\r\nContent-Type: a/b\r\n\r\nabcd\r\n--b',
            b"abcd",
        ),
        (b"https://:abcd@host/p", b"abcd"),
        (b"https://abcd@host/p", b"abcd"),
        (rb"https:\/\/abcd@host\/p", b"abcd"),
    ],
)
def test_replaces_the_value_and_nothing_else(redact, text, secret):
    before, _, after = text.partition(secret)
    result = redact(text)
    assert result != text
    assert len(result) == len(text)
    assert result.startswith(before)
    assert result.endswith(after)
    assert redact(*(bytes([byte]) for byte in text)) == result


def test_user_and_password_of_a_url_are_two_values(redact):
    assert (
        redact(b"https://ada:l0velace9x@h/ l0velace9x").count(redact(b"l0velace9x", secrets=[b"l0velace9x"]))
        == 2
    )


def test_all_leaves_of_an_object_but_no_key_or_literal(redact):
    before = {
        "credentials": {"user": "ada", "list": [12, "b", {"c": "d"}], "on": True, "no": None},
        "keep": "this",
    }
    after = json.loads(redact(json.dumps(before).encode()))
    assert after["keep"] == "this"
    inner = after["credentials"]
    assert list(inner) == ["user", "list", "on", "no"]
    assert (inner["on"], inner["no"]) == (True, None)
    assert inner["user"] != "ada"
    assert inner["list"][0] != 12
    assert inner["list"][1] != "b"
    assert inner["list"][2]["c"] != "d"


@pytest.mark.parametrize(
    "text",
    [
        b'{"token": true, "secret": null, "password": ""}',
        b'{"max_tokens": 5, "total_tokens": 17, "token_count": 3}',
        b"event: token\ndata: hello\n\n",
        b"the password is a secret token",
        b"https://example.com/@user me@example.com",
        b"if token == password: pass",
        b'<input name="password" type="password">\r\n\r\n<p>text</p>\r\n--',
    ],
)
def test_leaves_what_is_no_secret(redact, text):
    assert redact(text) == text
    assert redact(*(bytes([byte]) for byte in text)) == text


def test_a_long_value_is_replaced_in_pieces_however_it_is_cut(redact):
    value = b"Secret12" * (LONGEST_LEAF // 4)
    text = b'{"password": "' + value + b'", "x": "y"}'
    whole = redact(text)
    assert redact(*(text[at : at + 10_007] for at in range(0, len(text), 10_007))) == whole
    assert b"Secret12" not in whole
    assert whole.endswith(b'", "x": "y"}')


def test_holds_no_more_of_a_long_value_than_its_bound(known_text):
    known_text.feed(b'"password": "')
    given = sum(len(known_text.feed(b"x" * 1000)) for _ in range(200))
    assert given >= 200_000 - LONGEST_LEAF


@pytest.mark.parametrize(
    ("piece", "held"),
    [
        (b'data: {"token', 0),
        (b'data: {"token": ', 0),
        (b'data: {"password": "ab', 2),
        (b'data: {"password": "abcd", "x": "hel', 0),
        (b"see https://exam", 4),
        (b"see https://example.com/", 0),
        (b"?token=ab", 2),
        (b"hello", 0),
    ],
)
def test_holds_back_only_the_open_value(known_text, piece, held):
    assert len(piece) - len(known_text.feed(piece)) == held


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.integers(0, 2),
)
def test_any_json_under_a_secret_name_stays_json_of_the_same_shape(redact, value, depth):
    text = json.dumps({"password": value, "after": [1, "x"]})
    for _ in range(depth):
        text = json.dumps(text)
    result = redact(text.encode(), finders=[KeyFinder()]).decode()
    for _ in range(depth):
        result = json.loads(result)
    after = json.loads(result)
    assert after["after"] == [1, "x"]
    assert shape(after["password"]) == shape(value)


def shape(value):
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    if isinstance(value, str):
        return len(value)
    return value if value is None or isinstance(value, bool) else len(str(value))
