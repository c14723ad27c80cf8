"""A yardstick: a bare `asyncio.Protocol` that answers every request with the same bytes, and looks at nothing."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import cast

END = b"\r\n\r\n"


class BareProtocol(asyncio.Protocol):
    """Answers each head; the requests have no bodies."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request in the data."""
        self._transport.write(self._answer * data.count(END))


async def main(answer: bytes) -> None:
    """Answer with these bytes until the process ends."""
    server = await asyncio.get_running_loop().create_server(lambda: BareProtocol(answer), "127.0.0.1", 0)
    print(f"listening at 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]).read_bytes()))
