"""TLS and HTTP/2: a forward proxy with mitmproxy's own authority, and an upstream with a private one."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest
import requests
import trustme

from chatreel.workflows.threaded_server import Threaded


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "private-ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def tls_server(authority: trustme.CA, protocols: list[str], serve):
    """A TLS server on a free port that speaks one of `protocols`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    context.set_alpn_protocols(protocols)

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[int]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        async with server:
            yield server.sockets[0].getsockname()[1]

    return Threaded(run)


async def serve_http1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        writer.write(b"9\r\ndata: 1\n\n\r\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        await reader.read()
    writer.close()


async def serve_http2(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    connection.initiate_connection()
    with contextlib.suppress(OSError):
        writer.write(connection.data_to_send())
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.StreamEnded):
                    headers = [
                        (":status", "200"),
                        ("content-type", "text/event-stream"),
                        ("x-b", "1"),
                        ("x-b", "2"),
                    ]
                    connection.send_headers(event.stream_id, headers)
                    connection.send_data(event.stream_id, b"data: 1\n\n")
                    connection.send_data(event.stream_id, b"data: 2\n\n", end_stream=True)
            writer.write(connection.data_to_send())
            await writer.drain()
    writer.close()


def test_a_forward_proxy_intercepts_tls(authority, authority_file, record, tmp_path):
    with tls_server(authority, ["http/1.1"], serve_http1) as port:
        recording = record("", ca_dir=tmp_path / "ca", upstream_ca=authority_file)
        got = requests.get(
            f"https://127.0.0.1:{port}/api",
            proxies={"https": recording.url},
            verify=str(tmp_path / "ca" / "mitmproxy-ca-cert.pem"),
            timeout=10,
        )
        (exchange,) = recording.exchanges()
    assert got.content == b"data: 1\n\n"
    assert exchange.request.url == f"https://127.0.0.1:{port}/api"
    assert exchange.body == b"data: 1\n\n"


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_an_unknown_authority_leads_to_the_option(authority, record, tmp_path, mode):
    with tls_server(authority, ["http/1.1"], serve_http1) as port:
        origin = f"https://127.0.0.1:{port}"
        recording = record(origin if mode == "reverse" else "", ca_dir=tmp_path / "ca")
        got = requests.get(
            f"{recording.url if mode == 'reverse' else origin}/api",
            proxies={"https": recording.url},
            verify=str(tmp_path / "ca" / "mitmproxy-ca-cert.pem"),
            timeout=10,
        )
        (exchange,) = recording.exchanges()
    assert (got.status_code, exchange.end.how) == (502, "error")
    begin, end = (
        f"{origin} cannot be reached: its certificate is not trusted (",
        "); --upstream-ca trusts more",
    )
    assert exchange.end.message.startswith(begin)
    assert exchange.end.message.endswith(end)
    assert got.text == f"chatreel: {exchange.end.message}\n"
    assert recording.reports == [f"proxy: {exchange.end.message}"]


def test_a_host_that_was_not_chosen_passes_untouched(authority, authority_file, record, tmp_path):
    with tls_server(authority, ["http/1.1"], serve_http1) as port:
        recording = record("", only=("chat.example.org",), upstream_ca=authority_file)
        got = requests.get(
            f"https://127.0.0.1:{port}/api",
            proxies={"https": recording.url},
            verify=str(authority_file),  # the server's own certificate reaches the client
            timeout=10,
        )
        assert recording.exchanges() == []
    assert got.content == b"data: 1\n\n"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl, a client that speaks HTTP/2")
def test_http2_end_to_end(authority, authority_file, record, tmp_path):
    with tls_server(authority, ["h2"], serve_http2) as port:
        recording = record("", ca_dir=tmp_path / "ca", upstream_ca=authority_file)
        trust = ["--cacert", str(tmp_path / "ca" / "mitmproxy-ca-cert.pem"), "--proxy", recording.url]
        command = [
            "curl",
            "--silent",
            "--http2",
            "--max-time",
            "10",
            *trust,
            f"https://127.0.0.1:{port}/api?q=1",
        ]
        got = subprocess.run(command, capture_output=True, check=True)
        (exchange,) = recording.exchanges()
    assert got.stdout == b"data: 1\n\ndata: 2\n\n"
    assert (exchange.request.http, exchange.response.http) == ("2", "2")
    assert exchange.request.url == f"https://127.0.0.1:{port}/api?q=1"
    assert exchange.response.headers == (("content-type", "text/event-stream"), ("x-b", "1"), ("x-b", "2"))
    assert [chunk.data for chunk in exchange.chunks] == [b"data: 1\n\n", b"data: 2\n\n"]
