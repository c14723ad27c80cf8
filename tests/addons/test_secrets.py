"""Redaction through the real proxy: the client gets the originals, and no byte of them is on the disk."""

from __future__ import annotations

import socket
import threading

import pytest
import requests

BEARER, COOKIE, QUERY, WORD, KEY = (
    "Zx9bearer4711",
    "Qy8cookie0815",
    "Wv7query1234",
    "Ut6kord5678",
    "Rs5key9012",
)
SECRETS = (BEARER, COOKIE, QUERY, WORD, KEY)


@pytest.fixture
def recording(raw_server, read_request, record):
    """A chatbot that hands out a session, and repeats it, with other secrets, over chunks that cut them."""
    taken = threading.Semaphore(0)
    events = [
        f'data: {{"session": "{COOKIE}", "tok'.encode(),
        f'en": "{WORD[:4]}'.encode(),
        f'{WORD[4:]}"}}\n\n'.encode(),
        f"data: again {COOKIE[:5]}".encode(),
        f"{COOKIE[5:]} here\n\n".encode(),
    ]

    def talk(connection: socket.socket) -> None:
        while request := read_request(connection):
            if b"GET" in request:
                connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
                continue
            connection.sendall(
                f"HTTP/1.1 200 OK\r\nSet-Cookie: session_id={COOKIE}; Path=/; HttpOnly\r\nX-Api-Key: {KEY}\r\n"
                "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            for event in events:
                connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
                assert taken.acquire(timeout=10), "a chunk was held back from the client"
            connection.sendall(b"0\r\n\r\n")

    started = record(raw_server(talk).url, rules=())
    started.events, started.taken = events, taken
    return started


def test_no_secret_reaches_the_disk_and_all_reach_the_client(recording):
    with requests.Session() as session:
        ask = f"{recording.url}/api/v1/stream?token={QUERY}&mode=sse"
        headers = {"Authorization": f"Bearer {BEARER}", "X-Api-Key": KEY}
        body = {"query": "hi", "password": WORD}
        with session.post(ask, json=body, headers=headers, stream=True, timeout=10) as response:
            received = []
            for chunk in response.raw.read_chunked():
                received.append(chunk)
                recording.taken.release()
            assert (response.cookies["session_id"], response.headers["X-Api-Key"]) == (COOKIE, KEY)
        session.get(f"{recording.url}/jobs/{COOKIE}", timeout=10)
    assert received == recording.events
    first, second = recording.exchanges()
    on_disk = recording.path.read_text()
    assert [secret for secret in SECRETS if secret in on_disk] == []

    # The same chunks of the same lengths, and the session still links up wherever it occurs.
    assert [len(chunk.data) for chunk in first.chunks] == [len(event) for event in recording.events]
    (cookie,) = (value for name, value in first.response.headers if name == "Set-Cookie")
    stand_in = cookie.partition("=")[2].partition(";")[0]
    assert len(stand_in) == len(COOKIE)
    assert ("Cookie", f"session_id={stand_in}") in second.request.headers
    assert second.request.url.endswith(f"/jobs/{stand_in}")
    assert first.body.count(stand_in.encode()) == 2
    assert b'"query": "hi"' in first.request.body
    (line,) = recording.reports
    assert line.startswith("replaced ")
    assert "1 password" in line
    assert [secret for secret in SECRETS if secret in line] == []


def test_added_rules_take_effect(raw_server, read_request, record):
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\nwrite to ann@example.test!")

    recording = record(raw_server(talk).url, rules=("email", "header:X-Mine"))
    assert (
        requests.get(recording.url, headers={"X-Mine": WORD}, timeout=10).text == "write to ann@example.test!"
    )
    recording.exchanges()
    on_disk = recording.path.read_text()
    assert "ann@example.test" not in on_disk
    assert WORD not in on_disk
