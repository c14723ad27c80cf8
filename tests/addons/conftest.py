"""A recording proxy on a free port, with real mitmproxy in a thread."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from addons.record import RecordAddon
from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SYSTEM
from recorder.mitmproxy.host import proxy
from recorder.mitmproxy.traffic_filter import TrafficFilter
from recorder.open_recording import open_recording


@dataclass
class Recording:
    """A proxy that records. `stop()` ends it; then `exchanges()` reads what it wrote."""

    url: str
    port: int
    path: Path
    stop: Callable[[], None]
    reports: list[str] = field(default_factory=list)

    def exchanges(self) -> list[Exchange]:
        self.stop()
        with Cassette.open(self.path) as cassette:
            assert not cassette.warnings
            return list(cassette.exchanges())


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Callable[..., Recording]]:
    """Starts recording proxies: `record(upstream)` or, forward, `record("")`."""
    with contextlib.ExitStack() as everything:

        def start(
            upstream: str,
            *,
            rules: tuple[str, ...] | None = None,
            only: tuple[str, ...] = (),
            ca_dir: Path | None = None,
            upstream_ca: Path | None = None,
        ) -> Recording:
            reports: list[str] = []
            path = tmp_path / "recording.jsonl"
            recorder = open_recording(
                path, upstream=upstream, rules=rules, clock=SYSTEM, report=reports.append, force=True
            )
            selection = TrafficFilter(only)

            @contextlib.asynccontextmanager
            async def run() -> AsyncIterator[tuple[str, int]]:
                running = proxy(
                    [RecordAddon(recorder, selection.wants)],
                    mode=f"reverse:{upstream}" if upstream else "regular",
                    host="127.0.0.1",
                    port=0,
                    hosts=selection.hosts,
                    ca_dir=ca_dir or tmp_path / "ca",
                    upstream_ca=upstream_ca,
                    report=reports.append,
                )
                async with running as address:
                    yield address

            stack = everything.enter_context(contextlib.ExitStack())
            stack.callback(recorder.close)
            _, port = stack.enter_context(Threaded(run))
            return Recording(f"http://127.0.0.1:{port}", port, path, stack.close, reports)

        yield start
