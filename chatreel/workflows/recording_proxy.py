"""A recording proxy in a thread, for code that blocks: the demo, the samples and tests."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from addons.record import RecordAddon
from chatreel.cli.common_options import url
from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SYSTEM
from recorder.mitmproxy.host import proxy
from recorder.open_recording import open_recording
from recorder.recorder import Recorder


@contextlib.contextmanager
def capture(upstream: str, out: Path, report: Callable[[str], None], *, force: bool = False) -> Iterator[str]:
    """Record what passes to `upstream` into `out` while the context lasts; gives the proxy's url.

    `report` gets lines for a person, none about what redaction replaced.
    Raises CassetteError when `out` exists, unless `force` replaces it.
    """
    recorder = open_recording(out, upstream=upstream, clock=SYSTEM, report=report, force=force, sums_up=False)
    with proxy_for(recorder, upstream, report) as here:
        yield here


@contextlib.contextmanager
def proxy_for(recorder: Recorder, upstream: str, report: Callable[[str], None]) -> Iterator[str]:
    """Run a proxy to `upstream` whose traffic goes to `recorder`, which is closed at the end; gives the proxy's url."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        running = proxy(
            [RecordAddon(recorder)], mode=f"reverse:{upstream}", host="127.0.0.1", port=0, report=report
        )
        async with running as address:
            yield url(*address)

    with contextlib.ExitStack() as stack:
        stack.callback(recorder.close)
        yield stack.enter_context(Threaded(run))
