from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_chatbot.request import ChatRequest, Message, parse


def test_every_field_has_the_default_of_the_contract() -> None:
    assert parse(b'{"invalid": "payload"}') == ChatRequest(
        "", (), auto_load_documents=True, memory_enabled=True
    )


def test_every_field_is_read() -> None:
    body = (
        b'{"query": "q", "conversation_history": [{"role": "user", "content": "c"}],'
        b' "auto_load_documents": false, "memory_enabled": false}'
    )
    assert parse(body) == ChatRequest("q", (Message("user", "c"),), False, False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not valid json",
        b"[]",
        b'"text"',
        b"null",
        b'{"query": 5}',
        b'{"conversation_history": "x"}',
        b'{"conversation_history": [{"role": "user"}]}',
        b'{"query": "\xff"}',
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_anything_but_an_object_of_the_right_types_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="JSON object"):
        parse(body)


@given(st.binary())
def test_any_bytes_give_a_request_or_one_error(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(parse(body), ChatRequest)
