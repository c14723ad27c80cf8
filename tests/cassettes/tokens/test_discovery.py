from __future__ import annotations

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.tokens.discovery import Token, is_token_like, tokens
from foundation.digests import digest
from tests.cassettes.talk import JWT, SIGNED, Talk


@pytest.mark.parametrize(
    "value",
    [
        "job_ab12", "a1b2c3", "1a2b3c4d", "550e8400-e29b-41d4-a716-446655440000", "123456", "20261122120000",
        "sess:9f8e7d", JWT, SIGNED, "x" * 15 + "/y+=", "AbCDefGHijKLmnOPqr", "%7B%22id%22%3A1%7D",
        '"quoted-16-characters"', "a" * 4095 + "1",
    ],
)  # fmt: skip
def test_what_can_be_a_token(value: str) -> None:
    assert is_token_like(value)


@pytest.mark.parametrize(
    "value",
    [
        "", "50", "true", "null", "running", "pending", "succeeded", "generating_response", "12345", "1.5", "100.25",
        "2026-11-22", "2026-11-22T12:00:00Z", "20261122T120000Z", "v1.2.3", "1.2.3-beta1", "10.20.30.40", "12.5.6000",
        "http://h/jobs/job_ab12", "/jobs/job_ab12", "a word and 1 more", "loading-the-documents", "application/json",
        "ConversationHistory", "INTERNAL_SERVER_ERROR", "naïve_value_123", "a1b2c3\n", "1732280000.123456",
        "a" * 4096 + "1", ":abc123",
    ],
)  # fmt: skip
def test_what_cannot(value: str) -> None:
    assert not is_token_like(value)


@given(st.uuids() | st.binary(min_size=24, max_size=96))
def test_ids_and_signatures_can(made: uuid.UUID | bytes) -> None:
    text = str(made) if isinstance(made, uuid.UUID) else base64.b64encode(made).decode()
    assert is_token_like(text) or text.startswith("/") or made == made[:1] * len(made)


def found(talk: Talk) -> list[Token]:
    return tokens(talk.exchanges)


def test_a_cookie_and_a_job_in_all_their_places() -> None:
    talk = Talk()
    talk.add(
        "/chat", gives=["s=sess-0001"], answer={"job_id": "job_ab12", "polling_url": "http://h/jobs/job_ab12"}
    )
    talk.add("/jobs/job_ab12", cookies="s=sess-0001", answer={"job_id": "job_ab12", "progress": 50})
    talk.add(
        "/see?job=job_ab12", headers=[("X-Job", "job_ab12")], cookies="s=sess-0001", body={"job": "job_ab12"}
    )
    assert found(talk) == [
        Token(issued=("cookie s",), sent=("cookie s",), values=("sess-0001",)),
        Token(
            issued=("body /job_id", "body /polling_url"),
            sent=("path 2", "query job", "header x-job", "body /job"),
            values=("job_ab12",),
        ),
    ]


def test_a_cookie_that_changes_is_one_token_also_its_last_value() -> None:
    talk = Talk()
    talk.add("/a", gives=["lb=value-1", "lbCORS=value-1"])
    talk.add("/a", cookies="lb=value-1; lbCORS=value-1", gives=["lb=value-2", "lbCORS=value-2"])
    talk.add("/a", cookies="lb=value-2; lbCORS=value-2", gives=["lb=value-3", "lbCORS=value-3"])
    places = ("cookie lb", "cookie lbCORS")
    assert found(talk) == [Token(issued=places, sent=places, values=("value-1", "value-2", "value-3"))]


def test_each_item_of_a_list_is_a_token_of_its_own_when_it_comes_back() -> None:
    talk = Talk()
    talk.add("/list", answer={"jobs": [{"id": "job_0001"}, {"id": "job_0002"}, {"id": "job_0003"}]})
    talk.add("/jobs/job_0001")
    talk.add("/jobs/job_0003")
    assert [(token.issued, token.values) for token in found(talk)] == [
        (("body /jobs/*/id",), ("job_0001",)),
        (("body /jobs/*/id",), ("job_0003",)),
    ]


@pytest.mark.parametrize("value", [JWT, SIGNED, str(uuid.UUID(int=7)), 1234567])
def test_values_of_every_shape(value: str | int) -> None:
    talk = Talk()
    talk.add("/login", answer={"id": value})
    talk.add("/next", body={"id": value})
    assert [token.values for token in found(talk)] == [(str(value),)]


@pytest.mark.parametrize(
    "value", [50, True, "true", "running", "2026-11-22", "v1.2.3", "generating_response", 1.5]
)
def test_values_that_happen_to_be_equal_are_none(value: object) -> None:
    talk = Talk()
    talk.add("/a", answer={"value": value})
    talk.add(f"/a/{value}?value={value}", body={"value": value})
    assert found(talk) == []


def test_what_a_client_brought_is_its_own_however_often_it_is_repeated() -> None:
    talk = Talk()
    for _ in range(2):
        talk.add("/chat", body={"model": "gpt-4o-mini"}, answer={"model": "gpt-4o-mini"})
    assert found(talk) == []


def test_a_cookie_from_before_the_recording_is_a_token_once_it_is_set_again() -> None:
    talk = Talk()
    talk.add("/a", cookies="s=sess-0001", gives=["s=sess-0001"])
    assert [token.values for token in found(talk)] == [("sess-0001",)]


def test_a_cookie_in_base64_can_begin_with_a_slash() -> None:
    talk = Talk()
    talk.add("/a", gives=["lb=/Ab3+x/Yz0123456=="], answer={"path": "/jobs/job_0001"})
    talk.add("/a", cookies="lb=/Ab3+x/Yz0123456==", body={"path": "/jobs/all"})
    assert [token.values for token in found(talk)] == [("/Ab3+x/Yz0123456==",)]


def test_a_deleted_cookie_has_no_value_after_that() -> None:
    talk = Talk()
    talk.add("/login", gives=["s=sess-0001"])
    talk.add("/logout", cookies="s=sess-0001", gives=["s=; Max-Age=0"])
    assert [token.values for token in found(talk)] == [("sess-0001",)]


def test_a_cookie_that_never_came_back_is_a_token_and_any_other_value_is_none() -> None:
    talk = Talk()
    talk.add("/a", gives=["s=sess-0001", "theme=dark"], answer={"id": "job_0001"})
    assert found(talk) == [Token(issued=("cookie s",), sent=(), values=("sess-0001",))]


def test_what_is_everybodys_is_none() -> None:
    talk = Talk()
    talk.add("/a", gives=["s=sess-0001", "pool=worker-1"])
    assert [token.values for token in tokens(talk.exchanges, {digest("worker-1")})] == [("sess-0001",)]
