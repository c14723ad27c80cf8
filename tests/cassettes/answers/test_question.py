from __future__ import annotations

import json

import pytest

from cassettes.answers.question import question_of
from cassettes.model import Request

BODIES = [
    ({"query": "Hi?"}, "Hi?"),
    ({"messages": [{"role": "user", "content": "Old"}, {"role": "assistant", "content": "x"},
                   {"role": "user", "content": [{"type": "text", "text": "Hi?"}]}]}, "Hi?"),
    ({"model": "gpt-5", "input": "Hi?"}, "Hi?"),
    ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi?"}]}]}, "Hi?"),
    ({"contents": [{"role": "user", "parts": [{"text": "Hi?"}]}]}, "Hi?"),
    ({"prompt": "Hi?", "stream": True}, "Hi?"),
    ({"inputs": "Hi?", "parameters": {}}, "Hi?"),
    ({"input": {"messages": [{"type": "human", "content": "Hi?"}]}}, "Hi?"),
    ({"jsonrpc": "2.0", "params": {"message": {"parts": [{"kind": "text", "text": "Hi?"}]}}},
     "Hi?"),
    ({"messages": [{"role": "user", "parts": [{"type": "text", "text": "Hi?"}]}]}, "Hi?"),
    ({"messages": [{"role": "system", "content": "x"}]}, ""),
    ({"query": 7}, ""),
    ([1], ""),
    ("Hi?", ""),
]  # fmt: skip


@pytest.mark.parametrize(("body", "question"), BODIES)
def test_what_was_asked(body, question):
    request = Request(
        exchange=0,
        at=0,
        method="POST",
        url="http://h/",
        http="1.1",
        headers=(),
        body=json.dumps(body).encode(),
    )
    assert question_of(request) == question


def test_a_request_without_json_asks_nothing():
    request = Request(exchange=0, at=0, method="GET", url="http://h/", http="1.1", headers=(), body=b"\xff")
    assert question_of(request) == ""
