"""Runs mitmproxy inside this process, with Chatreel's addons."""

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
from recorder.mitmproxy.key_folder import key_folder

LONGEST_SILENCE = 7 * 24 * 3600
"""Seconds without data after which mitmproxy closes a connection; its default, ten minutes, cuts slow chatbots off."""


TOLD_BETTER = "Server TLS handshake failed"
"""The beginning of a message about what `RecordAddon` reports together with the upstream and what helps."""


class LogForwarder(logging.Handler):
    """Reports mitmproxy's warnings and errors as lines; those that come while it starts wait for `started`."""

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
        """Report a record as one line, with its exception but without the traceback."""
        if record.getMessage().startswith(TOLD_BETTER):
            return
        if self._early is None:
            self._report(f"proxy: {line_of(record)}")
        else:
            self._early.append(record)

    def started(self) -> None:
        """Report what came while mitmproxy started; raises ServerError when there is an error among it."""
        early, self._early = self._early or [], None
        for record in early:
            if record.levelno >= logging.ERROR:
                raise ServerError(
                    f"the proxy cannot start: {line_of(record)} (--ca-dir says where it keeps keys)"
                )
            self.emit(record)


def line_of(record: logging.LogRecord) -> str:
    """Return a log record as one line, with the exception that it is about."""
    error = record.exc_info[1] if record.exc_info else None
    message = record.getMessage()
    if error is not None and str(error) not in message:
        message = f"{message} {type(error).__name__}: {error}"
    return " ".join(message.split())


class StartSignal:
    """An addon whose `event` is set once mitmproxy has opened its listeners, or failed to."""

    def __init__(self) -> None:
        self.event = asyncio.Event()

    def running(self) -> None:
        """Set the event; mitmproxy calls this when it has started."""
        self.event.set()


class AddonGroup:
    """Addons to which others may be added: mitmproxy iterates over `addons` anew for each of its events."""

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
    proxy_auth: str = "",
    report: Callable[[str], None],
) -> AsyncIterator[tuple[str, int]]:
    """Run mitmproxy in `mode` ("regular" or "reverse:URL") while the context lasts; yields the address that it has.

    `addons` may grow while it runs. `hosts` are regular expressions for the hosts whose TLS is intercepted, empty for
    all of them; connections to other hosts pass untouched. `ca_dir` is the folder of mitmproxy's own certificate
    authority, None for the usual one (see `key_folder`), `upstream_ca` a PEM file of authorities to trust upstream.
    `proxy_auth` is USER:PASSWORD that clients of a forward proxy have to send, if it is not empty. `report` is called
    with lines for a person. Raises ServerError when the mode is malformed or the address cannot be listened on.
    """
    try:
        mode_specs.ProxyMode.parse(mode)
    except ValueError as error:
        raise ServerError(f"{mode}: {error}; write reverse:scheme://host[:port]") from None
    asyncio.get_running_loop().set_exception_handler(report_defects)
    reverse = mode.startswith("reverse:")
    with LogForwarder(report) as log, key_folder(ca_dir, needed=not reverse) as keys:
        start = StartSignal()
        master = Master(options.Options(mode=[mode], listen_host=host, listen_port=port))
        master.addons.add(*default_addons(), start, AddonGroup(addons))
        configure(master, reverse=reverse, hosts=hosts, keys=keys, upstream_ca=upstream_ca)
        if proxy_auth:
            master.options.update(proxyauth=proxy_auth)
        task = asyncio.create_task(master.run())
        try:
            await start.event.wait()
            address = address_of(master, host, port)
            log.started()
            yield address
        finally:
            # By itself, mitmproxy keeps its listeners open until the process ends.
            await proxyserver(master).servers.update([])
            master.shutdown()
            await task


def report_defects(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Handle an error as the event loop does by default, except for a cancelled connection.

    The first releases of Python 3.12 report a connection that is cancelled when the loop ends as an error.
    """
    if not isinstance(context.get("exception"), asyncio.CancelledError):
        loop.default_exception_handler(context)


def configure(
    master: Master, *, reverse: bool, hosts: Sequence[str], keys: Path, upstream_ca: Path | None
) -> None:
    """Set the options that mitmproxy's addons declare."""
    master.options.update(tcp_timeout=LONGEST_SILENCE)
    master.options.update(confdir=str(keys))
    if upstream_ca is not None:
        master.options.update(ssl_verify_upstream_trusted_ca=str(upstream_ca))
    if hosts:
        master.options.update(allow_hosts=list(hosts))
    if reverse:
        # The client's Host header has the address that the client uses; the addon replaces it by the upstream's.
        # With a lazy connection, an upstream that is down gets 502; an eager one would just close the client's.
        master.options.update(keep_host_header=True, connection_strategy="lazy")


def address_of(master: Master, host: str, port: int) -> tuple[str, int]:
    """Return the address that the proxy listens on; raises ServerError when it could not listen."""
    server = next(iter(proxyserver(master).servers))
    if server.last_exception is not None or not server.listen_addrs:
        number = getattr(server.last_exception, "errno", None)
        reason = os.strerror(number) if number else "the address is not one of this machine's"
        raise ServerError(f"cannot listen on {host}:{port}: {reason}; choose another --listen")
    address = server.listen_addrs[0]
    return address[0], address[1]


def proxyserver(master: Master) -> Proxyserver:
    """Return mitmproxy's addon that owns the listeners."""
    return cast(Proxyserver, master.addons.get("proxyserver"))
