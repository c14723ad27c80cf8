"""Requests that differ from the recorded ones in what is fresh by nature, on the wire."""

from __future__ import annotations

import json

import pytest

from replayer.matching.options import parse_match
from replayer.responder import ReplayOptions

JSON = (("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"))
UUIDS = [f"{n}bda7de7-73c3-4068-8656-f72077ab70c{n}" for n in range(4)]


@pytest.fixture
def serve(replay, make_exchange):
    """A replay of (method, path, body, answer), and a client that asks it for the JSON of an answer, None of a miss."""

    def start(*recorded, **options):
        server = replay(
            *(
                make_exchange(
                    [(0, json.dumps(answer).encode())],
                    JSON,
                    method=method,
                    url=f"http://bot.example{path}",
                    body=b"" if body is None else json.dumps(body).encode(),
                )
                for method, path, body, answer in recorded
            ),
            options=ReplayOptions(**options),
            admin=("127.0.0.1", 0),
        )

        def ask(method, path, body=None):
            data = b"" if body is None else json.dumps(body).encode()
            head = f"{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
            answer = server.ask(head.encode() + data)
            status, content = answer.split(b" ", 2)[1], answer.partition(b"\r\n\r\n")[2]
            return None if status == b"501" else json.loads(content)

        ask.server = server
        return ask

    return start


def call(id_, method="tools/list"):
    return {"jsonrpc": "2.0", "id": id_, "method": method}


def test_ids_of_json_rpc_begin_elsewhere_and_come_back(serve):
    ask = serve(
        ("POST", "/mcp", call(1), {"jsonrpc": "2.0", "id": 1, "result": "first"}),
        ("POST", "/mcp", call(5), {"jsonrpc": "2.0", "id": 5, "result": "second"}),
        ("POST", "/mcp", call(6, "ping"), {"jsonrpc": "2.0", "id": 6, "result": "pong"}),
    )
    assert ask("POST", "/mcp", call(70)) == {"jsonrpc": "2.0", "id": 70, "result": "first"}
    assert ask("POST", "/mcp", call(71, "ping")) == {"jsonrpc": "2.0", "id": 71, "result": "pong"}
    assert ask("POST", "/mcp", call("seventy-two")) == {
        "jsonrpc": "2.0",
        "id": "seventy-two",
        "result": "second",
    }
    assert ask("POST", "/mcp", call(1)) == {"jsonrpc": "2.0", "id": 1, "result": "first"}
    assert ask("POST", "/mcp", call(73, "other")) is None


def test_the_journal_says_what_was_taken_for_equal(serve):
    ask = serve(("POST", "/mcp", call(1), {"jsonrpc": "2.0", "id": 1}))
    ask("POST", "/mcp", call(7))
    ask("POST", "/mcp", call(1))
    entries = json.loads(ask.server.admin("/journal").partition(b"\r\n\r\n")[2])["entries"]
    assert [(entry["why"], entry["fresh"]) for entry in entries] == [
        ("match", [{"what": "body /id", "expected": "1", "found": "7"}]),
        ("after-last", []),
    ]


def test_an_exact_match_wins(serve):
    ask = serve(
        ("POST", "/a", {"request_id": "a", "q": 1}, "a"), ("POST", "/a", {"request_id": "b", "q": 1}, "b")
    )
    assert ask("POST", "/a", {"request_id": "b", "q": 1}) == "b"


def test_a_value_by_which_recorded_requests_are_told_apart_is_compared(serve):
    ask = serve(
        ("GET", f"/docs/{UUIDS[0]}", None, "0"),
        ("GET", f"/docs/{UUIDS[1]}", None, "1"),
        ("GET", f"/users/{UUIDS[0]}", None, "a user"),
    )
    assert ask("GET", f"/docs/{UUIDS[1]}") == "1"
    assert ask("GET", f"/docs/{UUIDS[3]}") is None
    assert ask("GET", f"/users/{UUIDS[3]}") == "a user"


def test_a_made_up_id_is_echoed_in_texts_too(serve):
    ask = serve(
        ("POST", "/chat", {"chat": UUIDS[0], "q": "hi"}, {"chat": UUIDS[0], "link": f"/chats/{UUIDS[0]}"})
    )
    assert ask("POST", "/chat", {"q": "hi", "chat": UUIDS[2]}) == {
        "chat": UUIDS[2],
        "link": f"/chats/{UUIDS[2]}",
    }
    assert ask("POST", "/chat", {"q": "ho", "chat": UUIDS[2]}) is None


def test_exact_matches_only(serve):
    ask = serve(("POST", "/mcp", call(1), "answer"), match=parse_match(["exact"]))
    assert ask("POST", "/mcp", call(1)) == "answer"
    assert ask("POST", "/mcp", call(2)) is None
    (said,) = ask.server.said
    assert said.endswith(": body /id: expected 1, found 2; it matches with --ignore /id")


def test_a_job_of_the_server_is_not_made_up(serve):
    ask = serve(
        ("POST", "/jobs", {"q": 1}, {"job_id": UUIDS[0], "status": "queued"}),
        ("GET", f"/jobs/{UUIDS[0]}", None, {"job_id": UUIDS[0], "status": "succeeded"}),
    )
    job = ask("POST", "/jobs", {"q": 1})["job_id"]
    assert ask("GET", f"/jobs/{job}")["status"] == "succeeded"
    assert ask("GET", f"/jobs/{UUIDS[3]}") is None
