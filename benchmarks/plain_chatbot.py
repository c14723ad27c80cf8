"""A chatbot that takes little time: sends events of some 200 bytes, one HTTP chunk each, stamped when they are sent.

`?events=N&every=MICROSECONDS` says how many and how far apart; 0 is as fast as the connection takes them. It sets
a session cookie as chatbots do.

    python -m benchmarks.plain_chatbot
"""

from __future__ import annotations

import asyncio
import re
from functools import partial

from foundation.clock import SYSTEM
from foundation.timers import Timers, open_timers, sleep_until

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Set-Cookie: session_id=5f1c2a7e9b3d4c60; HttpOnly; Path=/; SameSite=Lax\r\n"
    b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
)
BURST = 64
"""Events that are written together when they are as fast as can be."""

WANTED = re.compile(rb"\?events=(\d+)&every=(\d+) ")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def event(step: int) -> bytes:
    """An event as an HTTP chunk, stamped with the monotonic clock's microseconds."""
    details = '"details": {"source": "https://example.org/reports/2026/quarter-3", "read": 17}'
    text = f'"step": "analyzing", "message": "Reading document {step}", "progress": {step % 100}'
    data = f'event: progress\nid: {step}\ndata: {{{text}, {details}, "sent": {SYSTEM.now()}}}\n\n'.encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


async def respond(timers: Timers, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Respond to the one request of a connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    wanted, length = WANTED.search(head), LENGTH.search(head)
    assert wanted is not None
    assert length is not None
    await reader.readexactly(int(length[1]))
    writer.write(HEAD)
    events, every = int(wanted[1]), int(wanted[2])
    await (drip(writer, timers, events, every) if every else pour(writer, events))
    writer.write(b"0\r\n\r\n")
    writer.close()
    await writer.wait_closed()


async def pour(writer: asyncio.StreamWriter, events: int) -> None:
    """Send events as fast as they are taken."""
    for first in range(0, events, BURST):
        writer.write(b"".join(event(step) for step in range(first, min(first + BURST, events))))
        await writer.drain()


async def drip(writer: asyncio.StreamWriter, timers: Timers, events: int, every: int) -> None:
    """Send events at their times."""
    began = timers.now()
    for step in range(events):
        await sleep_until(timers, began + step * every)
        writer.write(event(step))


async def main() -> None:
    """Serve until the process is ended."""
    server = await asyncio.start_server(partial(respond, open_timers()), "127.0.0.1", 0)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
