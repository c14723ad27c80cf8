"""mitmproxy run inside our own process, with addons of ours."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import cast

from mitmproxy import options
from mitmproxy.addons import default_addons
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.master import Master

from cassettes.errors import ServerError


class Complaints(logging.Handler):
    """Passes mitmproxy's warnings and errors on, a line each."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """One complaint, without its traceback."""
        self._report(" ".join(f"proxy: {record.getMessage()}".split()))


class Running:
    """Tells when mitmproxy has opened its listeners, or tried to."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def running(self) -> None:
        """Mitmproxy's hook."""
        self.event.set()


@contextlib.asynccontextmanager
async def proxy(
    addons: Sequence[object],
    *,
    mode: str,
    host: str,
    port: int,
    hosts: Sequence[str] = (),
    ca_dir: Path | None = None,
    upstream_ca: Path | None = None,
    report: Callable[[str], None],
) -> AsyncIterator[tuple[str, int]]:
    """Run mitmproxy in `mode` ("regular" or "reverse:URL"); gives the address that it listens on.

    `hosts` are regular expressions for those that are intercepted, empty for all: the rest passes untouched.
    `ca_dir` holds mitmproxy's own certificate authority, `upstream_ca` is a PEM file of those to trust
    upstream. Raises ServerError when the address cannot be had.
    """
    chosen = options.Options(mode=[mode], listen_host=host, listen_port=port)
    master = Master(chosen)
    running = Running()
    complaints = Complaints(report)
    logging.getLogger().addHandler(complaints)
    master.addons.add(*default_addons(), running, *addons)
    if ca_dir is not None:
        chosen.update(confdir=str(ca_dir))
    if upstream_ca is not None:
        chosen.update(ssl_verify_upstream_trusted_ca=str(upstream_ca))
    if hosts:
        chosen.update(allow_hosts=list(hosts))
    if mode.startswith("reverse:"):
        # The client's Host header says where the client believes to be; the addon sets the upstream's. An
        # upstream that is down answers 502, where connecting eagerly would just hang up on the client.
        chosen.update(keep_host_header=True, connection_strategy="lazy")
    task = asyncio.create_task(master.run())
    try:
        await running.event.wait()
        yield address_of(master)
    finally:
        await proxyserver(master).servers.update(
            []
        )  # mitmproxy leaves its listeners to the end of the process
        master.shutdown()
        await task
        logging.getLogger().removeHandler(complaints)


def address_of(master: Master) -> tuple[str, int]:
    """Where the proxy listens; raises ServerError when it does not."""
    server = next(iter(cast("Proxyserver", master.addons.get("proxyserver")).servers))
    if server.last_exception is not None or not server.listen_addrs:
        raise ServerError(f"the proxy cannot listen: {server.last_exception}; choose another --listen")
    address = server.listen_addrs[0]
    return address[0], address[1]


def proxyserver(master: Master) -> Proxyserver:
    """The addon that owns the listeners."""
    return cast(Proxyserver, master.addons.get("proxyserver"))
