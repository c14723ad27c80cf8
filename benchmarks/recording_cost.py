"""Measures how much recording slows the traffic, beside mitmproxy that forwards the same and keeps nothing.

`chatreel record` redacts and writes to a file, `mitmdump` runs an addon that only sets `stream = True`; both are
reverse proxies before the same upstream. What an event takes without any proxy is subtracted.
"""

from __future__ import annotations

import random
import re
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rich.table import Table

from benchmarks import stream_only
from benchmarks.generated import PATH
from benchmarks.measured_process import Process, chatreel, module
from benchmarks.result_tables import MeasureRow, show, table
from benchmarks.rounds import ROUNDS, in_turns, percentiles
from benchmarks.stream_client import Address, MeasuredStream, watch
from cassettes.file.reader import Cassette
from foundation.clock import SECOND

STREAMS = (1, 16)
EVERY = 8_000
"""Microseconds between two events of a stream, where their latency is measured."""

EVENTS = 250
MANY = 40_000
"""Events of the one stream whose throughput is measured: more than a second's."""

SENT = re.compile(rb'"sent": (\d+)')


def run(
    rounds: int = ROUNDS, streams: Sequence[int] = STREAMS, events: int = EVENTS, many: int = MANY
) -> Table:
    """Measure both proxies in turns, and the upstream without one."""
    rows: list[MeasureRow] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cassette = Path(folder, "recording.jsonl")
        upstream = stack.enter_context(module("benchmarks.plain_chatbot"))
        ours = stack.enter_context(record(upstream.address, cassette))
        theirs = stack.enter_context(mitmdump(upstream.address))
        sides = (upstream, ours, theirs)
        for count in streams:
            measures = (partial(latencies, side.address, count, events) for side in sides)
            rows += latency_rows(count, *in_turns(rounds, *measures))
        fast, other = in_turns(rounds, *(partial(throughput, side.address, many) for side in (ours, theirs)))
        rows.append(MeasureRow("events per second", fast, other, "0.95", more_is_better=True))
        stack.close()
        check(cassette, rounds * (sum(streams) * events + many))
    return table("Recording", "chatreel record", "mitmdump", rows)


def check(path: Path, events: int) -> None:
    """Assert that the cassette has all events, as a recording that drops some would be faster."""
    with Cassette.open(path) as cassette:
        recorded = sum(len(SENT.findall(exchange.body)) for exchange in cassette.exchanges())
    assert recorded == events, f"{recorded} events of {events} were recorded"


def record(upstream: Address, path: Path) -> Process:
    """`chatreel record` with its defaults."""
    return chatreel("record", "--upstream", url(upstream), "--out", str(path))


def mitmdump(upstream: Address) -> Process:
    """Mitmproxy with the addon that only streams."""
    program = Path(sysconfig.get_path("scripts"), "mitmdump")
    mode = f"reverse:{url(upstream)}"
    listen = ("--listen-host", "127.0.0.1", "--listen-port", "0")
    return Process(str(program), "--mode", mode, *listen, "-s", stream_only.__file__)


def url(address: Address) -> str:
    """The url of an address."""
    return f"http://{address[0]}:{address[1]}"


def stream_request(events: int, every: int) -> bytes:
    """A request for a stream of events, with the secrets that clients send."""
    content = b'{"query": "What changed in the third quarter?", "conversation_history": []}'
    lines = (
        f"POST {PATH}?events={events}&every={every} HTTP/1.1",
        "Host: 127.0.0.1",
        "Authorization: Bearer 0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "Cookie: AWSALB=Zm9yZXZlciBhbmQgYSBkYXkgbG9uZ2VyIHRoYW4gdGhhdA==",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Connection: close",
    )
    return "\r\n".join([*lines, "", ""]).encode() + content


def latencies(address: Address, streams: int, events: int) -> list[float]:
    """Milliseconds that each event took from the upstream to the client."""
    chance = random.Random(3)  # noqa: S311 - no secret: the same starts each time
    starts = [chance.randrange(EVERY) for _ in range(streams)]
    return [
        (at - sent_at(data)) / 1000
        for stream in watch(address, stream_request(events, EVERY), starts)
        for at, data in whole(stream, events)
    ]


def sent_at(data: bytes) -> int:
    """The time at which the upstream sent an event, in microseconds."""
    found = SENT.search(data)
    assert found is not None
    return int(found[1])


def throughput(address: Address, events: int) -> float:
    """Events per second, from the request to the last event."""
    [stream] = watch(address, stream_request(events, 0), [0])
    return events * SECOND / (whole(stream, events)[-1][0] - stream.sent_at)


def whole(stream: MeasuredStream, events: int) -> list[tuple[int, bytes]]:
    """All events of a stream; asserts that none is missing."""
    arrived = stream.events()
    assert len(arrived) == events, f"{len(arrived)} events of {events} arrived"
    return arrived


def latency_rows(
    count: int, direct: list[list[float]], ours: list[list[float]], theirs: list[list[float]]
) -> list[MeasureRow]:
    """The latency that each proxy adds, by percentile."""

    def added(measured: list[list[float]], percent: float) -> list[float]:
        base = percentiles(direct, percent)
        return [value - least for value, least in zip(percentiles(measured, percent), base, strict=True)]

    return [
        MeasureRow(
            f"streams: {count:,}, p{percent} added (ms)", added(ours, percent), added(theirs, percent), aim
        )
        for percent, aim in ((50, ""), (99, "1.2"))
    ]


if __name__ == "__main__":
    show([run()])
