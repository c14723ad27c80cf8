"""mitmproxy run inside our own process, with addons of ours."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from mitmproxy import options
from mitmproxy.addons import default_addons
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.master import Master
from mitmproxy.proxy import mode_specs

from foundation.errors import ServerError


class LogForwarder(logging.Handler):
    """Passes mitmproxy's warnings and errors on, a line each; those of its start wait for `started`."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._report = report
        self._early: list[logging.LogRecord] | None = []

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """One complaint, with the exception that it is about but without its traceback."""
        if self._early is None:
            self._report(f"proxy: {line_of(record)}")
        else:
            self._early.append(record)

    def started(self) -> None:
        """Pass on what came until now; raises ServerError when that says that the proxy cannot work."""
        early, self._early = self._early or [], None
        for record in early:
            if record.levelno >= logging.ERROR:
                raise ServerError(
                    f"the proxy cannot start: {line_of(record)} (--ca-dir says where it keeps keys)"
                )
            self.emit(record)


def line_of(record: logging.LogRecord) -> str:
    """A log record as one line."""
    error = record.exc_info[1] if record.exc_info else None
    message = record.getMessage()
    if error is not None and str(error) not in message:
        message = f"{message} {type(error).__name__}: {error}"
    return " ".join(message.split())


class StartSignal:
    """Tells when mitmproxy has opened its listeners, or tried to."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def running(self) -> None:
        """Mitmproxy's hook."""
        self.event.set()


class AddonGroup:
    """Addons whose number may grow: mitmproxy looks through `addons` anew for each of its events."""

    def __init__(self, addons: Sequence[object]) -> None:
        self.addons = addons


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

    `addons` may be added to while it runs. `hosts` are regular expressions for those that are intercepted,
    empty for all: the rest passes untouched. `ca_dir` holds mitmproxy's own certificate authority,
    `upstream_ca` is a PEM file of those to trust upstream. Raises ServerError when the address cannot be had.
    """
    try:
        mode_specs.ProxyMode.parse(mode)
    except ValueError as error:
        raise ServerError(f"{mode}: {error}; write reverse:scheme://host[:port]") from None
    asyncio.get_running_loop().set_exception_handler(report_defects)
    with LogForwarder(report) as complaints:
        running = StartSignal()
        master = Master(options.Options(mode=[mode], listen_host=host, listen_port=port))
        master.addons.add(*default_addons(), running, AddonGroup(addons))
        configure(
            master, reverse=mode.startswith("reverse:"), hosts=hosts, ca_dir=ca_dir, upstream_ca=upstream_ca
        )
        task = asyncio.create_task(master.run())
        try:
            await running.event.wait()
            address = address_of(master, host, port)
            complaints.started()
            yield address
        finally:
            # mitmproxy leaves its listeners to the end of the process.
            await proxyserver(master).servers.update([])
            master.shutdown()
            await task


def report_defects(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What the event loop does with an error, but for a connection that is cancelled when the loop ends.

    The first releases of Python 3.12 take that for a defect of the connection's.
    """
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


def configure(
    master: Master, *, reverse: bool, hosts: Sequence[str], ca_dir: Path | None, upstream_ca: Path | None
) -> None:
    """Set the options that mitmproxy's addons declare."""
    if ca_dir is not None:
        master.options.update(confdir=str(ca_dir))
    if upstream_ca is not None:
        master.options.update(ssl_verify_upstream_trusted_ca=str(upstream_ca))
    if hosts:
        master.options.update(allow_hosts=list(hosts))
    if reverse:
        # The client's Host header says where the client believes to be; the addon sets the upstream's. An
        # upstream that is down answers 502, where connecting eagerly would just hang up on the client.
        master.options.update(keep_host_header=True, connection_strategy="lazy")


def address_of(master: Master, host: str, port: int) -> tuple[str, int]:
    """Where the proxy listens; raises ServerError when that is not `host` and `port`."""
    server = next(iter(proxyserver(master).servers))
    if server.last_exception is not None or not server.listen_addrs:
        number = getattr(server.last_exception, "errno", None)
        reason = os.strerror(number) if number else "the address is not one of this machine's"
        raise ServerError(f"cannot listen on {host}:{port}: {reason}; choose another --listen")
    address = server.listen_addrs[0]
    return address[0], address[1]


def proxyserver(master: Master) -> Proxyserver:
    """The addon that owns the listeners."""
    return cast(Proxyserver, master.addons.get("proxyserver"))
