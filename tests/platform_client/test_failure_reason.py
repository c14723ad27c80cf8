"""What is said of requests that fail, in front of real sockets."""

from __future__ import annotations

import socket
import ssl
import struct

import pytest
import requests

from platform_client.body import UNREACHABLE
from platform_client.failure_reason import failure_reason

HEAD = b"HTTP/1.1 200 OK\r\n"


def reason_of(url: str) -> str:
    with pytest.raises(UNREACHABLE) as failed:
        _ = requests.get(url, timeout=5, stream=True).raw.read(decode_content=True)
    return failure_reason(failed.value)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", "it closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", "it sent no HTTP answer"),
        (HEAD + b"Content-Length: 9\r\n\r\nabc", "the answer broke off"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", "the answer broke off"),
        (
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            "the answer is not in the content encoding that it names",
        ),
        (HEAD.replace(b"200 OK", b"302 Found") + b"Location: http://[\r\n\r\n", "Invalid IPv6 URL"),
    ],
)
def test_a_broken_answer(raw_server, read_request, answer: bytes, reason: str) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    assert reason_of(raw_server(talk).url) == reason


def test_a_reset(raw_server, read_request) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert reason_of(raw_server(talk).url) == "it reset the connection"


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    assert reason_of(url) == "Connection refused"


def test_no_tls(raw_server, read_request) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(HEAD + b"\r\n")

    url = raw_server(talk).url.replace("http:", "https:")
    assert reason_of(url).startswith("TLS failed: ")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (requests.ConnectionError(socket.gaierror(-2, "Name or service not known")), None),
        (requests.ReadTimeout("HTTPConnectionPool(...): Read timed out."), "it did not answer in time"),
        (ssl.SSLError(1, "[SSL] library"), "TLS failed: the handshake was broken off"),
        (
            requests.HTTPError("404 Client Error: Not Found for url: x"),
            "404 Client Error: Not Found for url: x",
        ),
        (ValueError("the answer\nis not JSON"), "the answer is not JSON"),
        (ValueError(), "ValueError"),
        (OSError(24, "text"), "Too many open files"),
    ],
)
def test_other_errors(error: Exception, reason: str | None) -> None:
    if reason is None:
        error.__cause__ = error.args[0]
        reason = "the name of the host is not known"
    assert failure_reason(error) == reason
