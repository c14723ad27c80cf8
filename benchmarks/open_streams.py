"""Measures the memory of an open stream that waits for its next event, beside a Tornado handler."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rich.table import Table

from benchmarks.generated import exchange, progress, request, write_cassette
from benchmarks.measured_process import Process, module, replay
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns
from benchmarks.stream_client import Address, connect
from foundation.clock import SECOND
from foundation.sockets import connections_possible

STREAMS = 1000
STALL = 3600 * SECOND
"""Microseconds between the first event and the second, so that all streams are in the middle."""

WARM_UP = 10
"""Streams that are opened before memory is first measured, so that imports and caches are not counted."""


def run(rounds: int = ROUNDS, streams: int = STREAMS) -> Table:
    """Measure the replay and the handler in turns."""
    connections_possible(streams + WARM_UP)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "stalled.jsonl")
        write_cassette(path, [exchange(0, [(0, progress(0)), (STALL, progress(1))], STALL)])
        servers = (partial(replay, path), partial(module, "benchmarks.tornado_handler", str(path)))
        ours, theirs = in_turns(rounds, *(partial(memory_of_one, server, streams) for server in servers))
    row = MeasureRow(f"streams: {streams:,}", ours, theirs, "10 KiB")
    return table("Open streams: memory of each (KiB)", "chatreel replay", "Tornado handler", [row])


def memory_of_one(start: partial[Process], streams: int) -> float:
    """KiB by which a new server grows with each stream that is open."""
    with start() as server, opened(server.address, WARM_UP):
        before = server.memory()
        with opened(server.address, streams):
            return (server.memory() - before) / streams / 1024


@contextlib.contextmanager
def opened(address: Address, count: int) -> Iterator[None]:
    """Hold `count` streams open whose first event has arrived."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(connect(address)) for _ in range(count)]
        for connection in connections:
            connection.sendall(request(0))
        for connection in connections:
            await_event(connection)
        yield


def await_event(connection: socket.socket) -> None:
    """Read up to the end of the first event."""
    received = b""
    while not received.endswith(b"\n\n\r\n"):
        data = connection.recv(4096)
        if not data:
            raise ConnectionError(f"the stream ended early: {received!r}")
        received += data


if __name__ == "__main__":
    show([run()])
