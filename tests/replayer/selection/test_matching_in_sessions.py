"""Matching where tokens are minted, and clients ask twice: on a replay server, with bare requests."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket

import msgspec
import pytest

from replayer.matching.options import parse_match
from replayer.responder import ReplayOptions
from replayer.selection.selector import SelectionRules
from replayer.server import ReplaySettings, replay_server

RECORDED = ("sess-1f0a77b2c9d84e", "sess-9b3c5d7e1f2a40")


def post(url, body, answer, cookie="", *, issues="", **headers):
    """A recorded question in JSON, its answer, the cookie that it was sent with and the one that was issued."""
    sent = ((("Cookie", f"sid={cookie}"),) if cookie else ()) + tuple(headers.items())
    issued = (("Set-Cookie", f"sid={issues}"),) if issues else ()
    return url, json.dumps(body).encode(), answer.encode(), sent, issued


@pytest.fixture
def exchange(make_exchange):
    def make(url, body, answer, sent, issued):
        headers = (("Content-Length", str(len(answer))), *issued)
        made = make_exchange([(0, answer)], headers, method="POST", url=f"http://bot{url}", body=body)
        return msgspec.structs.replace(made, request=msgspec.structs.replace(made.request, headers=sent))

    return make


class Client:
    """One that keeps its cookie."""

    def __init__(self, ask):
        self._ask = ask
        self.cookie = ""

    def ask(self, url, body, *headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [
            f"POST {url} HTTP/1.1",
            "Host: h",
            f"Content-Length: {len(data)}",
            "Connection: close",
            *headers,
        ]
        if self.cookie:
            lines.append(f"Cookie: sid={self.cookie}")
        head, _, answer = self._ask("\r\n".join([*lines, "", ""]).encode() + data).partition(b"\r\n\r\n")
        for line in head.decode().split("\r\n"):
            if line.startswith("Set-Cookie: sid="):
                self.cookie = line.removeprefix("Set-Cookie: sid=")
        return answer.decode()


def conversation(session, tag):
    """Three questions of one client; it says who it is in the body too, and asks the same twice."""
    history = [{"role": "user", "content": "hi"}]
    return [
        post("/open", {}, f"{tag}0", issues=session),
        post("/ask", {"session": session, "query": "hi", "conversation_history": []}, f"{tag}1", session),
        post(
            "/ask", {"session": session, "query": "hi", "conversation_history": history}, f"{tag}2", session
        ),
        post(
            "/ask", {"session": session, "query": "hi", "conversation_history": history}, f"{tag}3", session
        ),
    ]


@pytest.fixture
def two_sessions(replay, exchange):
    both = [*conversation(RECORDED[0], "a"), *conversation(RECORDED[1], "b")]

    def start(**options):
        return replay(*[exchange(*one) for one in both], options=ReplayOptions(**options))

    return start


def question(client, history, query="hi"):
    return {"conversation_history": history, "session": client.cookie, "query": query}


HISTORY = [{"content": "hi", "role": "user"}]


def test_the_same_question_twice_gets_both_answers_in_each_session(two_sessions):
    server = two_sessions()
    clients = [Client(server.ask), Client(server.ask)]
    heard = [[], []]
    for step in range(4):
        for client, answers in zip(clients, heard, strict=True):
            if step == 0:
                answers.append(client.ask("/open", {}))
            else:
                answers.append(client.ask("/ask", question(client, [] if step == 1 else HISTORY)))
    assert heard == [["a0", "a1", "a2", "a3"], ["b0", "b1", "b2", "b3"]]
    assert not {client.cookie for client in clients} & set(RECORDED)
    assert server.said == []


def test_a_miss_names_the_one_field_that_differs_not_the_tokens(two_sessions):
    server = two_sessions()
    first, second = Client(server.ask), Client(server.ask)
    first.ask("/open", {})
    second.ask("/open", {})
    report = json.loads(second.ask("/ask", question(second, HISTORY, query="ho")))
    assert report["nearest"][0] == {
        "cassette": "test.jsonl",
        "exchange": 6,  # of the session that this client plays
        "differences": [{"what": "body /query", "expected": '"hi"', "found": '"ho"'}],
        "options": ["--ignore /query"],
    }
    (said,) = server.said
    assert said == (
        "miss: POST /ask was not recorded; nearest is exchange 6 of test.jsonl: body /query: "
        'expected "hi", found "ho"; it matches with --ignore /query'
    )


def test_what_is_ignored_may_change(two_sessions):
    server = two_sessions(match=parse_match([], ["/query"]))
    client = Client(server.ask)
    client.ask("/open", {})
    assert client.ask("/ask", question(client, HISTORY, query="ho")) == "a2"


def test_a_compared_header_has_its_tokens_mapped(replay, exchange):
    session = RECORDED[0]
    bearer = {"Authorization": f"Bearer {session}", "X-Tenant": "red"}
    server = replay(
        exchange(*post("/open", {}, "0", issues=session)),
        exchange(*post("/ask", {}, "1", session, **bearer)),
        options=ReplayOptions(
            match=parse_match(["+header:Authorization", "+header:X-Tenant", "+header:Cookie"])
        ),
    )
    client = Client(server.ask)
    client.ask("/open", {})
    assert client.ask("/ask", {}, f"authorization: Bearer {client.cookie}", "x-tenant: red") == "1"
    report = json.loads(client.ask("/ask", {}, f"Authorization: Bearer {client.cookie}", "X-Tenant: blue"))
    assert report["nearest"][0]["differences"] == [
        {"what": "header x-tenant", "expected": "red", "found": "blue"}
    ]


def test_a_compressed_question_matches(two_sessions):
    client = Client(two_sessions().ask)
    client.ask("/open", {})
    data = gzip.compress(json.dumps(question(client, [])).encode())
    assert client.ask("/ask", data, "Content-Encoding: gzip") == "a1"


def test_asking_more_often_than_recorded_is_said_so(two_sessions):
    server = two_sessions(rules=SelectionRules(after_last="miss"))
    client = Client(server.ask)
    client.ask("/open", {})
    assert [client.ask("/ask", question(client, HISTORY)) for _ in range(2)] == ["a2", "a3"]
    report = json.loads(client.ask("/ask", question(client, HISTORY)))
    assert report["nearest"][0]["differences"] == []
    assert server.said == [
        "miss: POST /ask was not recorded so often: exchange 2 of test.jsonl is the same request"
    ]


def test_of_several_cassettes_the_first_named_begins(write_cassette, exchange):
    paths = [
        write_cassette(*[exchange(*one) for one in conversation(session, tag)], name=f"{tag}.jsonl")
        for session, tag in zip(RECORDED, "ab", strict=True)
    ]

    async def main():
        settings = ReplaySettings(listen=("127.0.0.1", 0), admin=None)
        async with replay_server(paths, settings, print) as server:
            return await asyncio.to_thread(then, server.address)

    def then(address):
        def ask(request):
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(request)
                return connection.makefile("rb").read()

        clients = [Client(ask), Client(ask), Client(ask)]
        opened = [client.ask("/open", {}) for client in clients]
        return opened, [client.ask("/ask", question(client, HISTORY)) for client in clients]

    assert asyncio.run(main()) == (["a0", "b0", "a0"], ["a2", "b2", "a2"])
