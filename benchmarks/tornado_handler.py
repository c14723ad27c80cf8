"""The peer of a replay: a Tornado handler that plays the first exchange of a cassette with `asyncio.sleep`.

Each event is written and flushed at its time since the request. The times are absolute, which is the best that
`asyncio.sleep` can do: sleeping from event to event would add up the errors.

    python -m benchmarks.tornado_handler CASSETTE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from benchmarks.generated import PATH
from cassettes.file.reader import Cassette
from foundation.clock import SECOND
from foundation.sockets import listen, port_of

type Chunks = list[tuple[float, bytes]]


class PlainHandler(RequestHandler):
    """Plays the same chunks in response to every request."""

    def initialize(self, chunks: Chunks) -> None:
        """Take the chunks: seconds since the request, and bytes."""
        self._chunks = chunks

    async def post(self) -> None:
        """Send each chunk at its time, as a developer would write it."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.set_header("Content-Type", "text/event-stream")
        for at, data in self._chunks:
            await asyncio.sleep(start + at - loop.time())  # noqa: TID251 - this is what is measured
            self.write(data)
            await self.flush()


def chunks_of(path: Path) -> Chunks:
    """The chunks of the first exchange of a cassette."""
    with Cassette.open(path) as cassette:
        exchange = cassette.exchange(0)
    return [((chunk.at - exchange.request.at) / SECOND, chunk.data) for chunk in exchange.chunks]


async def main(path: Path) -> None:
    """Serve until the process is ended."""
    sockets = listen(("127.0.0.1", 0), "the port")
    server = HTTPServer(Application([(PATH, PlainHandler, {"chunks": chunks_of(path)})]))
    server.add_sockets(sockets)
    print(f"listening on http://127.0.0.1:{port_of(sockets)}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
