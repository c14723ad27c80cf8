"""What a client made up, echoed as this client sent it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.model import Chunk, End, Exchange, Request, Response
from replayer.matching.fresh_values import FreshValue
from replayer.rendering.echoes import ByteEdit, spliced, with_echoes

JSON, EVENTS = "application/json", "text/event-stream"
ONE, OTHER = "ebda7de7-73c3-6068-0656-f72077ab70c7", "chat-7"


def exchange(*chunks, kind=JSON, headers=()):
    data = [chunk.encode() for chunk in chunks]
    length = ("Content-Length", str(sum(map(len, data))))
    return Exchange(
        number=0,
        request=Request(exchange=0, at=0, method="POST", url="http://h/", http="1.1", headers=()),
        response=Response(
            exchange=0, at=1, status=200, reason="OK", headers=(("Content-Type", kind), *headers, length)
        ),
        chunks=tuple(Chunk(exchange=0, at=place, data=chunk) for place, chunk in enumerate(data)),
        end=End(exchange=0, at=9, how="complete"),
    )


def echoed(one, name, expected, found):
    return with_echoes(one, [FreshValue(f"body /{name}", name, expected, found, says_nothing=True)])


@pytest.mark.parametrize(
    ("kind", "recorded", "live"),
    [
        (JSON, '{"jsonrpc":"2.0","id":1,"result":{"id":1}}', '{"jsonrpc":"2.0","id":712,"result":{"id":1}}'),
        (JSON, '{"result":{"id":1},"jsonrpc":"2.0","id" : 1}', '{"result":{"id":1},"jsonrpc":"2.0","id" : 712}'),
        (JSON, '{\n "jsonrpc": "2.0",\n "id": 1\n}', '{\n "jsonrpc": "2.0",\n "id": 712\n}'),
        (JSON, '[{"jsonrpc":"2.0","id":1},{"id":1}]', '[{"jsonrpc":"2.0","id":712},{"id":1}]'),
        (JSON, '{"jsonrpc":"2.0","id":11}', '{"jsonrpc":"2.0","id":11}'),
        (JSON, '{"id":1}', '{"id":1}'),
        (JSON, "no JSON: 1", "no JSON: 1"),
        (EVENTS, 'id: 1\ndata: {"jsonrpc":"2.0","id":1}\n\n', 'id: 1\ndata: {"jsonrpc":"2.0","id":712}\n\n'),
    ],
)  # fmt: skip
def test_the_id_of_json_rpc_is_that_of_the_message(kind, recorded, live):
    found = echoed(exchange(recorded, kind=kind), "id", 1, 712)
    assert found.body.decode() == live
    assert dict(found.response.headers)["Content-Length"] == str(len(live))


def test_a_progress_token_in_every_message():
    messages = [
        {
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": {"progressToken": "a", "progress": n},
        }
        for n in range(2)
    ]
    body = "".join(f"data: {json.dumps(message)}\n\n" for message in messages)
    found = echoed(exchange(body, kind=EVENTS), "progressToken", "a", "bcd")
    assert found.body.decode() == body.replace('"a"', '"bcd"')


def test_a_long_value_is_replaced_wherever_it_stands_in_the_chunks_that_had_it():
    recorded = exchange(
        f'{{"a":"{ONE[:9]}', f'{ONE[9:]}","b":"{ONE}"', "}", headers=(("X-Request-Id", ONE), ("X-Other", "1"))
    )
    found = echoed(recorded, "chat", ONE, OTHER)
    assert [chunk.data.decode() for chunk in found.chunks] == ['{"a":"', f'{OTHER}","b":"{OTHER}"', "}"]
    assert [chunk.at for chunk in found.chunks] == [0, 1, 2]
    assert dict(found.response.headers)["X-Request-Id"] == OTHER
    assert dict(found.response.headers)["Content-Length"] == str(len(found.body))


@pytest.mark.parametrize("value", ['a"b\r\nX: 1', "a\\", "é" * 9])
def test_what_could_break_the_response_is_left(value):
    recorded = exchange(f'{{"chat":"{ONE}"}}', headers=(("X-Chat", ONE),))
    found = echoed(recorded, "chat", ONE, value)
    assert json.loads(found.body) == {"chat": value}  # in its field it is written as JSON
    assert found.response.headers[1] == ("X-Chat", ONE)


def test_an_exchange_without_an_echo_is_itself():
    one = exchange('{"jsonrpc":"2.0","id":3}')
    assert echoed(one, "id", 1, 712) is one


@given(
    st.lists(st.binary(max_size=6), max_size=6),
    st.lists(st.tuples(st.integers(0, 36), st.integers(1, 5), st.binary(max_size=4)), max_size=5),
)
def test_edits_are_the_same_whatever_the_chunks(pieces, cuts):
    body, edits, at = b"".join(pieces), [], 0
    for start, length, data in sorted(cuts):
        if start >= at and start + length <= len(body):
            edits.append(ByteEdit(start, start + length, data))
            at = start + length
    chunks = [Chunk(exchange=0, at=place, data=piece) for place, piece in enumerate(pieces)]
    expected, at = b"", 0
    for edit in edits:
        expected, at = expected + body[at : edit.start] + edit.data, edit.stop
    found = list(spliced(chunks, edits))
    assert b"".join(chunk.data for chunk in found) == expected + body[at:]
    assert len(found) == len(chunks)
