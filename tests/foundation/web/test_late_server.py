"""A server that is imported when the first client comes, on real sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from foundation.web.late_server import LateServer, MakeServer


class GreetingHandler(RequestHandler):
    """Answers "hello"."""

    def get(self) -> None:
        self.write(b"hello")


def make() -> HTTPServer:
    return HTTPServer(Application([("/", GreetingHandler)]))


def serving[Result](
    load: Callable[[], MakeServer], talk: Callable[[int, LateServer], Awaitable[Result]]
) -> Result:
    """What a talk with a late server results in, of which the port is given, and which is closed then."""

    async def main() -> Result:
        sock, port = bind_unused_port()
        server = LateServer([sock], load)
        try:
            async with asyncio.timeout(30):
                return await talk(port, server)
        finally:
            await server.close()
            assert sock.fileno() == -1

    return asyncio.run(main())


async def get(port: int) -> bytes:
    response = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{port}/")
    return response.body


def test_it_is_loaded_once_and_in_a_thread_when_somebody_comes() -> None:
    threads: list[threading.Thread] = []

    def load() -> MakeServer:
        threads.append(threading.current_thread())
        return make

    async def talk(port: int, _server: LateServer) -> list[bytes]:
        assert threads == []
        return [*await asyncio.gather(*(get(port) for _ in range(3))), await get(port)]

    assert serving(load, talk) == [b"hello"] * 4
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_nobody_comes() -> None:
    async def talk(_port: int, _server: LateServer) -> None: ...

    serving(lambda: pytest.fail("nobody came"), talk)


def test_it_is_closed_while_it_is_loaded() -> None:
    loading, go_on = threading.Event(), threading.Event()

    def load() -> MakeServer:
        loading.set()
        assert go_on.wait(20)
        return lambda: pytest.fail("it was closed")

    async def talk(port: int, server: LateServer) -> None:
        with socket.create_connection(("127.0.0.1", port)):
            assert await asyncio.to_thread(loading.wait, 20)
            closing = asyncio.create_task(server.close())
            go_on.set()
            await closing

    serving(load, talk)
