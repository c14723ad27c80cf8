from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.redaction import known_secrets as module
from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.stand_ins import StandIns, canonical

KEY = b"a key that tests may keep secret"


@pytest.mark.parametrize(
    ("value", "follows"),
    [
        (b"abc12", "never"),
        (b"sunshine", "never"),
        (b"Sunshine2024", "asked"),
        (b"Sunshine2024!", "composed"),
        (b"sunshin3x7", "random"),
        (b"Ab3Cd4", "asked"),
        (b"progress", "never"),
        (b"12345678901234567890", "never"),
        (b"2026-11-22T12:00:00Z", "asked"),
        (b"application/json", "given"),
        (b"my-api-key", "given"),
        (b"correct horse battery", "given"),
        (b"ada@example.com", "asked"),
        (b"--------------------", "never"),
        (b"${TOKEN}", "never"),
        (b"aB3dE5gH\n7jK9mN1p", "asked"),
        (b"aB3dE5gH" * 1024, "random"),
        (b"aB3dE5gH" * 1024 + b"x", "never"),
    ],
)
def test_what_is_worth_following(value, follows):
    """Each way of following takes what those before it take, and more."""
    ways = ["random", "composed", "asked", "given"]
    taken = [way for way in ways if KnownSecrets(StandIns(KEY)).learn(value, way) is not None]
    assert taken == (ways[ways.index(follows) :] if follows in ways else [])


def test_neither_a_known_value_nor_a_standin_is_learned():
    known = KnownSecrets(StandIns(KEY))
    assert known.learn(b"ab/c0d1ef1", "given") == b"ab/c0d1ef1"
    assert known.learn(b"ab%2Fc0d1ef1", "given") is None
    assert known.learn(known.standin(b"ab/c0d1ef1"), "given") is None
    assert known.learned == 1


SPELLINGS = [
    lambda value: value.encode(),
    lambda value: quote(value).encode(),
    lambda value: quote(value, safe="").encode(),
    lambda value: quote(value, safe="").lower().encode() if value == value.lower() else quote(value).encode(),
    lambda value: json.dumps(value).encode()[1:-1],
    lambda value: json.dumps(value, ensure_ascii=False).encode()[1:-1],
    lambda value: json.dumps(value).replace("/", "\\/").encode()[1:-1],
    lambda value: json.dumps(json.dumps(value)[1:-1]).encode()[1:-1],
    lambda value: value.replace("&", "\\u0026").replace("+", "\\u002B").encode(),
]

SECRETS = st.text("abcXYZ0123456789+/=_-.~!$&é€😀 ", min_size=10, max_size=40).filter(
    lambda value: KnownSecrets(StandIns(KEY)).learn(value.encode(), "given")
)


@given(SECRETS, st.sampled_from(SPELLINGS), st.integers(0, 60))
def test_every_spelling_is_replaced_at_any_split(redact, secret, spell, at):
    spelled = spell(secret)
    text = b'{"x": "' + spelled + b'", "y": 1}'
    result = redact(text[:at], text[at:], secrets=[secret.encode()], finders=[])
    assert len(result) == len(text)
    assert spelled not in result
    standin = StandIns(KEY)(secret.encode())
    assert canonical(result[7 : 7 + len(spelled)]) == canonical(standin)


def test_the_longest_of_the_values_at_one_place_wins_at_any_split(redact):
    secrets = [b"abc123", b"abc123xyz", b"bc123x"]
    standin = StandIns(KEY)
    text = b"-abc123xyz789-abc123xy-"
    expected = b"-%s789-%s%sy-" % (standin(b"abc123xyz"), standin(b"abc123"), standin(b"x"))
    for at in range(len(text)):
        assert redact(text[:at], text[at:], secrets=secrets, finders=[]) == expected


def test_what_is_left_of_an_overlapped_value_is_replaced_too(redact):
    text = b"-secret1AB-SECOND99-"
    for at in range(len(text)):
        result = redact(text[:at], text[at:], secrets=[b"secret1AB-", b"AB-SECOND99"], finders=[])
        assert b"SECOND" not in result
        assert len(result) == len(text)
        assert result == redact(text, secrets=[b"secret1AB-", b"AB-SECOND99"], finders=[])


def test_thousands_of_values_are_found_and_the_oldest_unseen_is_forgotten(monkeypatch):
    monkeypatch.setattr(module, "FOLLOWED", 300)
    known = KnownSecrets(StandIns(KEY))
    values = [b"cookie/%05d" % number for number in range(900)]
    for number, value in enumerate(values):
        known.learn(value, "given")
        for seen in (values[0], value):
            spans, _ = known.search(seen, known.words.find(seen), {})
            assert [tuple(span[:2]) for span in spans] == [(0, len(seen))], number
    assert known.search(values[1], known.words.find(values[1]), {})[0] == []
    assert len(list(known)) == 300


@given(
    st.integers(0, 60),
    st.sampled_from([quote, lambda value: value, lambda value: value.replace(".", "\\u002e")]),
)
def test_one_of_many_values_that_begin_alike_is_found_at_any_split(redact, at, spell):
    values = [f"eyJhbGciOiJIUzI1NiJ9.eyJ{number:04x}aB3dE5gH.sig{number}".encode() for number in range(60)]
    text = b"- " + spell(values[37].decode()).encode() + b" -"
    result = redact(text[:at], text[at:], secrets=values, finders=[])
    assert len(result) == len(text)
    assert b"eyJ0025aB3dE5gH" not in result
    assert result == redact(text, secrets=values, finders=[])
