"""Recordings that the page starts and stops: real processes, real traffic, and what is said when one cannot begin."""

from __future__ import annotations

import asyncio
import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cassettes.file.reader import Cassette
from chatreel.workflows.page_recording import RecordCommand
from foundation.errors import ServerError


def ask(url: str) -> bytes:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", "/hello")
    body = connection.getresponse().read()
    connection.close()
    return body


def test_recordings_follow_each_other_on_one_address(raw_server, read_request, tmp_path: Path):
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")

    async def run(upstream: str) -> None:
        recorder = RecordCommand(upstream, tmp_path)
        assert recorder.running is None
        first = await recorder.start()
        assert recorder.running == first
        with pytest.raises(ServerError, match="is being recorded already"):
            await recorder.start()
        assert await asyncio.to_thread(ask, first.url) == b"hello"
        await recorder.stop()
        assert recorder.running is None
        with Cassette.open(Path(first.path)) as cassette:
            assert [exchange.end.how for exchange in cassette.exchanges()] == ["complete"]
        second = await recorder.start()
        assert (second.url, second.path != first.path) == (first.url, True)
        await recorder.stop()
        await recorder.stop()

    with raw_server(talk) as chatbot:
        asyncio.run(run(chatbot.url))


def test_what_prevents_a_recording_is_said(tmp_path: Path):
    async def run() -> None:
        recorder = RecordCommand("http://127.0.0.1:1", tmp_path / "not-there")
        with pytest.raises(ServerError, match="not-there"):
            await recorder.start()
        assert recorder.running is None
        await recorder.stop()

    asyncio.run(run())
