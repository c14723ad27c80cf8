from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.values.fresh_ids import IdKind, are_padding, is_id_name, kind_of_ids

LETTERS, DIGITS, HEX = string.ascii_letters, string.digits, "0123456789abcdef"
BASE_62, BASE_36 = LETTERS + DIGITS, string.ascii_lowercase + DIGITS


@pytest.mark.parametrize(
    ("prefix", "alphabet", "length", "most"),
    [
        ("chatcmpl-", BASE_62, 29, 0),
        ("msg_01", BASE_62, 22, 0),
        ("call_", BASE_62, 24, 0),
        ("", BASE_62, 16, 1),
        ("", BASE_62 + "_-", 21, 0),
        ("", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26, 0),
        ("run-", HEX, 32, 0),
        ("job_", HEX, 16, 0),
        ("f_", HEX, 8, 6),
        ("txt-", HEX, 6, 30),
        ("", DIGITS, 18, 0),
    ],
)
def test_two_fresh_ids_are_ids_whatever_their_characters_are(prefix, alphabet, length, most):
    chance = random.Random(7)  # noqa: S311
    draw = lambda: prefix + "".join(chance.choices(alphabet, k=length))  # noqa: E731
    unlike = sum(kind_of_ids(draw(), draw(), "id", set()) is None for _ in range(5000))
    assert unlike <= most  # `txt-123456` and `txt-654321` could be numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("chatcmpl-AbCdefGhijKlmnOpqrst", "chatcmpl-9x2QaLz71bvTe4WuRs0k"),
        ("/files/fba3fec7/content", "/files/0123abcd/content"),
        ("01J9ZK3V5M8QTR7WXY2ABCDEFG", "01J9ZK3V5M8QTR7WXY2KMNPQRS"),
        ("V1StGXR8_Z5jdHi6B-myT", "x-9dK2mZqLw0Pa_7sTbYc"),
    ],
)
def test_ids_in_any_field(one, other):
    assert kind_of_ids(one, other, "parent", set())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20250219"),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20"),
        ("annual_report_2023q1", "annual_report_2024q2"),
        ("doc_2023_q1_v2", "doc_2024_q2_v1"),
        ("AnnualReport2023", "MarketReview2024"),
        ("getWeatherForCity", "getNumbersForYear"),
        ("llama3.1:8b-instruct-q4_K_M", "mistral.1:7b-instruct-q8_KM"),
        ("doc-17", "doc-18"),
        ("call_1", "call_2"),
        ("running", "pending"),
        ("msg_fba3fec76ca387b5", "run_0123456789abcdef"),
        ("job_fba3fec76ca387b5", "job_0123456789abcde"),
        ("what is it", "what is 4t"),
        ("", "a"),
    ],
)
@pytest.mark.parametrize("name", ["id", "title"])
def test_values_that_people_tell_apart(name, one, other):
    assert kind_of_ids(one, other, name, set()) is None


def test_an_id_of_a_known_kind_may_have_only_digits():
    kind = kind_of_ids("txt-3fa9c1", "txt-07bd42", "id", set())
    assert kind == IdKind("txt-", 6)
    assert kind_of_ids("txt-123456", "txt-980213", "id", set()) is None
    assert kind_of_ids("txt-123456", "txt-980213", "id", {kind}) == kind


@pytest.mark.parametrize("name", ["id", "requestId", "x-request-id", "session_hash", "uuid", "tool_call_ids"])
def test_names_of_ids(name):
    assert is_id_name(name)


@pytest.mark.parametrize("name", ["", "model", "status", "identity", "id_type", "valid", "keys"])
def test_other_names(name):
    assert not is_id_name(name)


def test_padding_has_any_length():
    assert are_padding("a1", "XzRJ8m0aDT0", "obfuscation")
    assert are_padding("", "XzRJ8m0aDT0", "thoughtSignature")
    assert not are_padding("a1", "two words", "obfuscation")
    assert not are_padding("a1", "a2", "id")


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["id", "text"]))
def test_any_two_texts_are_ids_or_not_in_either_order(one, other, name):
    assert kind_of_ids(one, other, name, set()) == kind_of_ids(other, one, name, set())
