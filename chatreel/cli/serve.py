"""Runs a server of the command line from its ready line to its clean end."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractAsyncContextManager


async def serve(server: AbstractAsyncContextManager[str]) -> None:
    """Enter `server`, print the ready line that it gives, and leave it on SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, asked_to_stop.set)
    async with server as ready:
        print(ready, flush=True)
        await asked_to_stop.wait()
