"""Routes that are imported when the first request for them comes, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from foundation.web.late_routes import LateRoutes, Open


class EchoHandler(RequestHandler):
    """Answers with the method and the body."""

    def post(self) -> None:
        self.write(self.request.method.encode() + b" " + self.request.body)


def routes() -> Application:
    return Application([("/echo", EchoHandler)])


@contextlib.asynccontextmanager
async def serving(load: Callable[[], Open]) -> AsyncIterator[int]:
    """A server of late routes; its port."""
    sock, port = bind_unused_port()
    server = HTTPServer(Application([("/.*", LateRoutes(load))]))
    server.add_sockets([sock])
    try:
        yield port
    finally:
        server.stop()
        await server.close_all_connections()


async def post(port: int, body: bytes, path: str = "/echo") -> tuple[int, bytes]:
    url = f"http://127.0.0.1:{port}{path}"
    response = await AsyncHTTPClient().fetch(url, method="POST", body=body, raise_error=False)
    return response.code, response.body


def test_they_are_loaded_once_and_off_the_loop() -> None:
    threads: list[threading.Thread] = []
    opened: list[threading.Thread] = []

    def load() -> Open:
        threads.append(threading.current_thread())

        def open_() -> Application:
            opened.append(threading.current_thread())
            return routes()

        return open_

    async def talk() -> list[tuple[int, bytes]]:
        async with serving(load) as port:
            assert threads == []
            first = await asyncio.gather(*(post(port, f"{number}".encode() * 100_000) for number in range(3)))
            return [*first, await post(port, b"later"), await post(port, b"", "/elsewhere")]

    *echoed, elsewhere = asyncio.run(talk())
    assert echoed == [
        *((200, b"POST " + f"{number}".encode() * 100_000) for number in range(3)),
        (200, b"POST later"),
    ]
    assert elsewhere[0] == 404
    assert len(threads) == len(opened) == 1
    assert threads[0] is not opened[0] is threading.main_thread()


def test_the_loop_goes_on_while_they_are_loaded() -> None:
    go_on = threading.Event()

    def load() -> Open:
        assert go_on.wait(20)
        return routes

    async def talk() -> tuple[int, bytes]:
        async with serving(load) as port:
            asked = asyncio.create_task(post(port, b"x"))
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port
            )  # somebody else is served meanwhile
            writer.close()
            await reader.read()
            assert not asked.done()
            go_on.set()
            return await asked

    assert asyncio.run(talk()) == (200, b"POST x")


def test_a_client_that_leaves_meanwhile_is_answered_by_nobody() -> None:
    loading, go_on = threading.Event(), threading.Event()

    def load() -> Open:
        loading.set()
        assert go_on.wait(20)
        return routes

    async def talk() -> tuple[int, bytes]:
        async with serving(load) as port:
            stream = await IOStream(socket.socket()).connect(("127.0.0.1", port))
            await stream.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
            assert await asyncio.to_thread(loading.wait, 20)
            stream.close()
            go_on.set()
            return await post(port, b"y")

    assert asyncio.run(talk()) == (200, b"POST y")


def test_what_cannot_be_loaded_is_an_error_each_time(caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Open:
        raise RuntimeError("no such pages")

    async def talk() -> None:
        async with serving(load) as port:
            for _ in range(2):
                stream = await IOStream(socket.socket()).connect(("127.0.0.1", port))
                await stream.write(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
                with pytest.raises(StreamClosedError):
                    await stream.read_until(b"\r\n")

    asyncio.run(talk())
    assert "no such pages" in caplog.text
