from __future__ import annotations

import asyncio

from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from foundation.web.bounded_server import BoundedServer


class Answers(RequestHandler):
    def get(self) -> None:
        self.write("here")


async def ask(port: int) -> tuple[bytes, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    return await reader.readline(), writer


def test_a_connection_beyond_the_bound_is_refused_until_another_has_ended() -> None:
    async def check() -> None:
        listener, port = bind_unused_port()
        server = BoundedServer(Application([("/", Answers)]), most_connections=2)
        server.add_sockets([listener])
        try:
            held = [await ask(port) for _ in range(2)]
            assert [line for line, _ in held] == [b"HTTP/1.1 200 OK\r\n"] * 2
            refused, writer = await ask(port)
            assert refused == b"HTTP/1.1 503 Service Unavailable\r\n"
            writer.close()
            held[0][1].close()
            async with asyncio.timeout(20):
                while (again := await ask(port))[0] != b"HTTP/1.1 200 OK\r\n":
                    again[1].close()
            for one in (held[1], again):
                one[1].close()
        finally:
            server.stop()
            await server.close_all_connections()

    asyncio.run(check())
