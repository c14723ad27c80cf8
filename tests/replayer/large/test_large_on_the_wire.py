"""Large requests and answers are what small ones are, though a process handles them and a file has their bytes."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
from pathlib import Path

import msgspec
import pytest

from foundation.clock import SECOND
from replayer.http1.limits import Bounds
from replayer.large.large_renderer import LARGE_ANSWER
from replayer.responder import Pace, ReplayOptions
from tests.cassettes.talk import Talk

LARGE = Bounds().inline * 2
TEXT = b"0123456789abcdef" * (LARGE_ANSWER // 16)


def post(body, headers=(), path="/s"):
    head = [f"POST {path} HTTP/1.1", "Host: h", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


def get(path="/s", *headers, version="1.1"):
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: h", *headers, "", ""]).encode()


def body(response):
    return response.partition(b"\r\n\r\n")[2]


def large_json(**more):
    return json.dumps({"text": "x" * LARGE, "numbers": [1, 2.5], **more}).encode()


def form(value):
    return b"a=" + b"x" * LARGE + b"&b=" + value


def parts(boundary, value):
    part = b'\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\n'
    return b"--" + boundary + part + b"x" * LARGE + value + b"\r\n--" + boundary + b"--\r\n"


FORM = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary="


@pytest.mark.parametrize(
    ("recorded", "recorded_type", "sent", "sent_type"),
    [
        (large_json(a=1, b=2), "Content-Type: application/json", large_json(b=2.0, a=1), "X: y"),
        (form(b"1"), FORM, b"b=1&a=" + b"x" * LARGE, FORM),
        (parts(b"A", b"1"), MULTIPART + "A", parts(b"B", b"1"), MULTIPART + "B"),
        (b"x" * LARGE, "X: y", b"x" * LARGE, "X: y"),
        (large_json(), "X: y", gzip.compress(large_json()), "Content-Encoding: gzip"),
    ],
    ids=["json", "form", "multipart", "text", "gzip"],
)
def test_a_large_request_is_found_by_its_content(
    replay, make_exchange, recorded, recorded_type, sent, sent_type
):
    length = (("Content-Length", "2"),)
    exchange = make_exchange([(0, b"ok")], length, method="POST", body=recorded)
    name, _, value = recorded_type.partition(": ")
    exchange = with_request_header(exchange, name, value)
    server = replay(exchange)
    assert body(server.ask(post(sent, [sent_type]))) == b"ok"
    assert b"501 Not Implemented" in server.ask(post(sent[:-9] + b"yyyyyyyyy", [sent_type]))


def with_request_header(exchange, name, value):
    request = msgspec.structs.replace(exchange.request, headers=((name, value),))
    return msgspec.structs.replace(exchange, request=request)


def test_a_miss_of_a_large_request_names_what_differs(replay, make_exchange):
    server = replay(make_exchange([], method="POST", body=large_json(query="hi")))
    report = json.loads(body(server.ask(post(large_json(query="ho")))))
    (nearest,) = report["nearest"]
    assert nearest["differences"] == [{"what": "body /query", "expected": '"hi"', "found": '"ho"'}]


def test_a_miss_of_a_small_request_beside_large_recorded_ones(replay, make_exchange):
    server = replay(*(make_exchange([], method="POST", body=large_json(n=n)) for n in range(3)))
    report = json.loads(body(server.ask(post(b'{"numbers": [1, 2.5], "n": 2}'))))
    assert [near["exchange"] for near in report["nearest"]] == [2, 0, 1]


@pytest.mark.parametrize(
    "headers", [(("Transfer-Encoding", "chunked"),), (("Content-Length", str(3 * len(TEXT))),)]
)
def test_a_large_answer_is_byte_for_byte_what_was_recorded(replay, make_exchange, headers):
    chunks = [(0, TEXT), (5, TEXT), (9, TEXT)]
    server = replay(make_exchange(chunks, headers, end_at=20))
    answer = server.ask(get("/s", "Connection: close"))
    if headers[0][0] == "Content-Length":
        assert body(answer) == TEXT * 3
    else:
        framed = b"%x\r\n%b\r\n" % (len(TEXT), TEXT)
        assert body(answer) == framed * 3 + b"0\r\n\r\n"
    assert body(server.ask(get("/s", version="1.0"))) == TEXT * 3
    assert body(server.ask(get("/s").replace(b"GET", b"HEAD") + get("/s", "Connection: close"))).startswith(
        b"HTTP"
    )


def test_a_connection_is_kept_after_a_large_answer(replay, make_exchange):
    length = (("Content-Length", str(len(TEXT))),)
    server = replay(
        make_exchange([(0, TEXT)], length, end_at=3_600 * SECOND),
        make_exchange([(0, b"next")], (("Content-Length", "4"),), url="http://bot.example/next"),
        pace=Pace(),
    )
    answer = server.ask(get("/s") + get("/next", "Connection: close"))
    assert answer.endswith(b"\r\n\r\nnext")


def test_a_large_answer_that_broke_off_breaks_off(replay, make_exchange):
    server = replay(make_exchange([(0, TEXT)], (("Transfer-Encoding", "chunked"),), how="server-closed"))
    assert body(server.ask(get())) == b"%x\r\n%b\r\n" % (len(TEXT), TEXT)


def test_urls_lead_to_the_replay_and_the_length_is_that_of_the_rewritten_body(replay, make_exchange):
    text = b'<a href="http://bot.example/a">' + TEXT
    headers = (("Content-Type", "text/html"), ("Content-Length", str(len(text))))
    answer = replay(make_exchange([(0, text)], headers)).ask(get("/s", "Connection: close"))
    assert body(answer) == text.replace(b"http://bot.example/", b"http://h/")
    assert b"Content-Length: %d\r\n" % len(body(answer)) in answer


def test_each_client_has_its_own_tokens_in_a_large_answer(replay):
    talk = Talk()
    filler = "y" * LARGE_ANSWER
    for name in ("A", "B"):
        job = f"job_{name}77f31e"
        talk.add("/chat", body={"q": "hi"}, gives=[f"sid=sess-{name}0001"], answer={"job_id": job})
        talk.add(
            f"/jobs/{job}",
            cookies=f"sid=sess-{name}0001",
            answer={"a": filler, "job_id": job, "b": filler, "again": job, "c": filler},
        )
    server = replay(*talk.exchanges, options=ReplayOptions(seed=3))
    seen = []
    for _ in range(2):
        begun = server.ask(post(b'{"q": "hi"}', path="/chat"))
        cookie = re.search(rb"sid=([^;\r]+)", begun)[1].decode()
        job = json.loads(body(begun))["job_id"]
        answer = json.loads(
            body(server.ask(get(f"/jobs/{job}", f"Cookie: sid={cookie}", "Connection: close")))
        )
        assert (answer["job_id"], answer["again"]) == (job, job)
        assert (answer["a"], answer["c"]) == (filler, filler)
        seen.append(job)
    assert len(set(seen)) == 2


def test_a_large_request_with_a_clients_own_token_belongs_to_its_session(replay):
    talk = Talk()
    job = "job_A77f31e"
    talk.add("/chat", body={"q": "hi"}, gives=["sid=sess-A0001"], answer={"job_id": job})
    long = "y" * LARGE
    talk.add("/more", body={"job": job, "text": long}, cookies="sid=sess-A0001", answer={"ok": job})
    server = replay(*talk.exchanges)
    own = json.loads(body(server.ask(post(b'{"q": "hi"}', path="/chat"))))["job_id"]
    assert own != job
    answer = server.ask(post(json.dumps({"job": own, "text": long}).encode(), path="/more"))
    assert json.loads(body(answer)) == {"ok": own}


def test_many_clients_get_the_large_answer_that_was_unpacked_once(replay, make_exchange):
    server = replay(make_exchange([(0, TEXT)], (("Content-Length", str(len(TEXT))),)))
    connections = [server.connect() for _ in range(5)]
    for connection in connections:
        connection.sendall(get("/s", "Connection: close"))
    for connection in connections:
        received = b""
        while data := connection.recv(65536):
            received += data
        connection.close()
        assert body(received) == TEXT


def test_clients_that_leave_early_trouble_nobody(replay, make_exchange):
    server = replay(
        make_exchange([(0, TEXT * 20)], (("Content-Length", str(len(TEXT) * 20)),)),
        make_exchange([(0, b"ok")], (("Content-Length", "2"),), method="POST", body=large_json()),
    )
    for request in (get("/s"), post(large_json()), post(large_json(n=1))):
        with server.connect() as connection:
            connection.sendall(request)
    assert body(server.ask(post(large_json()))) == b"ok"
    assert len(body(server.ask(get("/s", "Connection: close")))) == 20 * len(TEXT)


@pytest.mark.parametrize("fault", ["reset after-bytes=1000", "slice size=1000", "status code=503"])
def test_faults_change_a_large_answer_as_a_small_one(replay, make_exchange, fault):
    def received(chunks):
        length = str(sum(len(data) for _, data in chunks))
        headers = (("Content-Type", "text/plain"), ("Content-Length", length))
        server = replay(make_exchange(chunks, headers), faults=[fault], admin=("127.0.0.1", 0))
        answer = server.ask(get("/s", "Connection: close", version="1.0"))
        return answer.partition(b"\r\n")[0], body(answer), server.admin("/journal")

    large, small = TEXT, TEXT[: LARGE_ANSWER // 4]
    status, whole, journal = received([(0, large)])
    same_status, part, _ = received([(0, small)])
    assert status == same_status
    assert whole[: len(part) - 1] == part[:-1]
    assert (len(whole) == len(large)) is (len(part) == len(small))
    assert b'"status"' in journal


def test_a_large_answer_echoes_what_its_client_made_up(replay, make_exchange):
    def call(number):
        return json.dumps({"jsonrpc": "2.0", "id": number, "method": "tools/list"}).encode()

    text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": TEXT.decode()}).encode()
    headers = (("Content-Type", "application/json"), ("Content-Length", str(len(text))))
    server = replay(make_exchange([(0, text)], headers, method="POST", body=call(1)))
    for number in (7, 12345):
        answer = json.loads(body(server.ask(post(call(number)))))
        assert (answer["id"], answer["result"]) == (number, TEXT.decode())


def test_a_process_that_dies_fails_what_it_did_and_another_follows(replay, make_exchange):
    server = replay(make_exchange([(0, b"ok")], (("Content-Length", "2"),), method="POST", body=large_json()))
    assert body(server.ask(post(large_json()))) == b"ok"
    for process in children():  # one for requests, one for answers
        os.kill(process, signal.SIGKILL)
    assert b"is there enough memory?" in server.ask(post(large_json()))
    assert body([server.ask(post(large_json())) for _ in range(2)][-1]) == b"ok"


def children():
    """The processes of the replay, which runs in a thread of this one."""
    tasks = Path("/proc/self/task").glob("*/children")
    found = [int(child) for task in tasks for child in task.read_text().split()]
    return [one for one in found if b"large.worker_process" in Path(f"/proc/{one}/cmdline").read_bytes()]
