"""The clients that people use see what was recorded."""

from __future__ import annotations

import http.client
import shutil
import subprocess

import pytest
import requests

from replayer.responder import Pace

EVENTS = [b"event: progress\ndata: {}\n\n", b"data: caf\xc3", b"\xa9\n\n", b"event: complete\ndata: {}\n\n"]


@pytest.fixture
def server(replay, make_exchange):
    sse = (
        ("Content-Type", "text/event-stream"),
        ("Transfer-Encoding", "chunked"),
        ("Set-Cookie", "s=1; Path=/"),
    )
    return replay(
        make_exchange(
            [(n * 2_000, data) for n, data in enumerate(EVENTS)], sse, method="POST", url="http://bot/stream",
            body=b'{"query": "hi"}',
        ),
        make_exchange([(0, b'{"job_id": "j"}')], (("Content-Length", "15"),), url="http://bot/job", status=202),
        make_exchange(headers=(("Content-Length", "15"),), url="http://bot/job", method="HEAD"),
        make_exchange([(0, b"cut")], (("Content-Length", "15"),), url="http://bot/cut", how="server-closed"),
        pace=Pace(),
    )  # fmt: skip


def test_requests(server):
    with requests.Session() as session:
        with session.post(f"{server.url}/stream", json={"query": "hi"}, stream=True, timeout=10) as response:
            assert list(response.iter_content(None)) == EVENTS
        assert session.cookies["s"] == "1"
        for _ in range(2):
            response = session.get(f"{server.url}/job", timeout=10)
            assert (response.status_code, response.json()) == (202, {"job_id": "j"})
        assert session.head(f"{server.url}/job", timeout=10).headers["Content-Length"] == "15"
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="3 bytes read, 12 more expected"):
            session.get(f"{server.url}/cut", timeout=10)


def test_http_client(server):
    connection = http.client.HTTPConnection(*server.address, timeout=10)
    for _ in range(2):  # on one connection
        connection.request("POST", "/stream", iter([b'{"query":', b' "hi"}']), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        response = connection.getresponse()
        assert response.getheaders()[2] == ("Set-Cookie", "s=1; Path=/")
        assert response.read() == b"".join(EVENTS)
    connection.close()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("flags", [[], ["--http1.0"], ["--http2"], ["-H", "Expect: 100-continue"]])
def test_curl(server, flags):
    command = ["curl", "-sS", "--noproxy", "*", "-N", *flags, "-d", '{"query":"hi"}', f"{server.url}/stream"]
    done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"".join(EVENTS), b"")
