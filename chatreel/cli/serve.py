"""Runs a server in the foreground until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AbstractAsyncContextManager


async def serve(server: AbstractAsyncContextManager[str]) -> None:
    """Enter `server`, print the ready line that it gives on stdout, and leave it on SIGINT or SIGTERM."""
    loop = asyncio.get_running_loop()
    stop_requested = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop_requested.set)
    async with server as ready:
        print(ready, flush=True)
        await stop_requested.wait()
