"""`chatreel record`: records a live chatbot into a cassette, through a proxy."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.console import Console

from addons.diff import ObserverPair, check, watch
from addons.record import Observer, RecordAddon
from chatreel.cli.chatbot_urls import origin
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import (
    ADDRESS,
    CASSETTE,
    DURATION,
    KEEP,
    RULES,
    SIZE,
    UPSTREAM_CA,
    Address,
    check_redaction,
    url,
)
from chatreel.cli.serve import serve
from chatreel.cli.stderr import report_line
from chatreel.cli.volume_options import json_output, quiet, ready_line
from chatreel.output.recording_table import JsonObjects, Lines, LiveTable, NoLines, RecordingProgress
from foundation.clock import SYSTEM
from foundation.default_ports import PROXY, on_loopback
from foundation.errors import UsageError
from foundation.sockets import is_loopback, leads_to
from recorder.mitmproxy.host import proxy
from recorder.mitmproxy.traffic_filter import TrafficFilter
from recorder.open_recording import open_recording
from recorder.recorder import Limits, Recorder, recording_result
from recorder.url_rewriting import DEFAULT_PORTS

GROUPS = {
    "Where": [
        "--upstream",
        "--listen",
        "--mode",
        "--only",
        "--ca-dir",
        "--upstream-ca",
    ],
    "Who may use a forward proxy": ["--proxy-auth", "--open-proxy"],
    "The cassette": ["--out", "--append", "--force", "--max-size", "--max-duration"],
    "Secrets": ["--redact", "--keep", "--no-redact"],
    "Comparing meanwhile": ["--compare", "--noise"],
}
"""The sections of the options in the help."""

EXAMPLES = """
chatreel record --upstream 127.0.0.1:8100 --out incident.jsonl
chatreel record --upstream https://chat.example.org --out incident.jsonl.zst --redact header:X-Customer
chatreel record --mode forward --only 'chat.example.org/api' --out incident.jsonl
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES, groups=GROUPS)
@click.option("--upstream", metavar="URL", help="The chatbot to record: scheme://host[:port] (reverse mode).")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="The cassette to write: .jsonl, or .jsonl.zst for a compressed one.")  # fmt: skip
@click.option("--listen", type=ADDRESS, default=on_loopback(PROXY), show_default=True,
              help="Where the proxy listens; port 0 takes a free one.")  # fmt: skip
@click.option("--mode", type=click.Choice(["reverse", "forward"]), default="reverse", show_default=True,
              help="reverse: clients talk to the proxy as if it were the chatbot. "
                   "forward: clients use it as HTTP_PROXY and HTTPS_PROXY.")  # fmt: skip
@click.option("--only", multiple=True, metavar="HOST[/PATH]",
              help="Record only this (repeatable; * stands for anything); the rest passes untouched.")  # fmt: skip
@RULES
@KEEP
@click.option("--no-redact", is_flag=True, help="Keep secrets as they are.")
@click.option("--append", is_flag=True, help="Go on with a cassette that exists.")
@click.option("--force", is_flag=True, help="Replace a cassette that exists.")
@click.option("--compare", type=CASSETTE, metavar="FILE",
              help="Tell what differs in the traffic from this cassette, or sample, as it happens.")  # fmt: skip
@click.option("--noise", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="For --compare: what varies by nature, as `chatreel diff --learn` writes it.")  # fmt: skip
@click.option("--max-size", type=SIZE, help="End the recording at this size on disk; the traffic goes on.")
@click.option("--max-duration", type=DURATION, help="End the recording after this time; the traffic goes on.")
@click.option("--ca-dir", type=click.Path(path_type=Path, file_okay=False),
              help="Where mitmproxy's certificate authority lives [default: ~/.mitmproxy].")  # fmt: skip
@UPSTREAM_CA
@click.option("--proxy-auth", metavar="USER:PASSWORD", envvar="CHATREEL_PROXY_AUTH", show_envvar=True, default="",
              help="What clients of a forward proxy have to send (Proxy-Authorization: Basic). "
                   "It is needed where others than this machine reach the proxy.")  # fmt: skip
@click.option("--open-proxy", is_flag=True,
              help="Let everybody who reaches the forward proxy use it, without --proxy-auth.")  # fmt: skip
@json_output("a line when it is ready, one for each exchange that has ended, and one at the end")
@quiet("no exchanges, only where it listens, what goes wrong and how it ended")
def command(
    upstream: str | None,
    out: Path,
    listen: Address,
    mode: str,
    only: tuple[str, ...],
    rules: tuple[str, ...],
    keep: tuple[str, ...],
    no_redact: bool,
    append: bool,
    force: bool,
    compare: Path | None,
    noise: Path | None,
    max_size: int | None,
    max_duration: int | None,
    ca_dir: Path | None,
    upstream_ca: Path | None,
    proxy_auth: str,
    open_proxy: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Record a live chatbot into a cassette, through a proxy.

    Every chunk is forwarded at once, whatever the disk does; secrets are replaced before anything is written.
    Ends on Ctrl-C, with exit code 1 when the recording is not whole.
    """
    if noise is not None and compare is None:
        raise UsageError("--noise needs --compare FILE")
    if append and force:
        raise UsageError("--append and --force exclude each other: leave one out")
    check_redaction(rules, keep, no_redact=no_redact)
    if compare is not None:
        check(compare, noise)
        if out.exists() and out.samefile(compare):
            raise UsageError(f"{out} is what --compare reads: choose another --out")
    upstream = check_upstream(mode, upstream, listen)
    check_access(mode, listen, proxy_auth, open_proxy=open_proxy)
    if upstream_ca is not None:
        check_authority(upstream_ca)
    console = Console()
    progress: RecordingProgress
    if quiet:
        progress = NoLines()
    elif as_json:
        progress = JsonObjects()
    else:
        progress = LiveTable(console) if console.is_terminal else Lines()

    selection = TrafficFilter(only)
    addons: list[object] = []
    running = proxy(
        addons,
        mode=f"reverse:{upstream}" if upstream else "regular",
        host=listen.host,
        port=listen.port,
        hosts=selection.hosts,
        ca_dir=ca_dir,
        upstream_ca=upstream_ca,
        proxy_auth=proxy_auth,
        report=report,
    )

    @contextlib.asynccontextmanager
    async def recording() -> AsyncIterator[str]:
        with contextlib.ExitStack() as afterwards:
            async with running as (host, port):
                # Only now, so that an address that cannot be had costs no cassette.
                recorder = open_recording(
                    out,
                    upstream=upstream,
                    append=append,
                    force=force,
                    rules=None if no_redact else rules,
                    keep=keep,
                    clock=SYSTEM,
                    report=report,
                    watch=progress.watch,
                    limits=Limits(max_size, max_duration),
                )
                at_last = afterwards.enter_context(contextlib.ExitStack())
                afterwards.enter_context(progress)
                afterwards.callback(lambda: endings.append(finish(recorder, out, as_json=as_json)))
                observer: Observer = recorder
                if compare is not None:
                    comparing = watch(compare, noise, rules, report)
                    at_last.callback(comparing.close)
                    observer = ObserverPair(recorder, comparing)
                addons.append(RecordAddon(observer, selection.wants))
                here = url(host, port)
                fields = {"url": here, "upstream": upstream, "out": str(out)}
                yield ready_line(where(here, upstream, ca_dir), fields, as_json=as_json)

    endings: list[bool] = []
    asyncio.run(serve(recording()))
    return 0 if all(endings) else 1


def finish(recorder: Recorder, out: Path, *, as_json: bool) -> bool:
    """Close the recording and report how many exchanges it has, and what is missing; returns whether it is whole."""
    recorder.close()
    report(recording_result(recorder, out))
    if as_json:
        path = None if recorder.path is None else str(recorder.path)
        fields = {"exchanges": recorder.exchanges, "lost": recorder.lost.records, "whole": recorder.whole}
        with contextlib.suppress(OSError):
            print(json.dumps({"event": "end", "out": path, **fields}), flush=True)
    return recorder.whole


def where(here: str, upstream: str, ca_dir: Path | None) -> str:
    """The line that says where the proxy listens and how clients use it."""
    if upstream:
        return f"recording on {here}, to {upstream}"
    authority = (ca_dir or Path("~/.mitmproxy")) / "mitmproxy-ca-cert.pem"
    return f"recording on {here}, as HTTP_PROXY and HTTPS_PROXY; for TLS let clients trust {authority}"


def check_upstream(mode: str, upstream: str | None, listen: Address) -> str:
    """The upstream's origin, empty in forward mode.

    Raises UsageError when mode and upstream do not fit, or when the upstream is this proxy, which would ask itself.
    """
    if mode == "forward":
        if upstream:
            raise UsageError(
                "--mode forward takes no --upstream: clients name the host; --only chooses among them"
            )
        return ""
    if not upstream:
        raise UsageError("say what to record, with --upstream URL (or --mode forward)")
    found = urlsplit(origin(upstream))
    if leads_to(listen, found.hostname or "", found.port or DEFAULT_PORTS[found.scheme]):
        raise UsageError(
            f"--upstream {upstream} is where the proxy listens itself: choose another --listen, or another --upstream"
        )
    return found.geturl()


def check_access(mode: str, listen: Address, proxy_auth: str, *, open_proxy: bool) -> None:
    """Check who may use a forward proxy. Raises UsageError, also when it would be open to others without a word."""
    if mode != "forward":
        if proxy_auth or open_proxy:
            raise UsageError("--proxy-auth and --open-proxy are for --mode forward")
        return
    if proxy_auth and open_proxy:
        raise UsageError("--proxy-auth and --open-proxy exclude each other: leave one out")
    if proxy_auth and not all(proxy_auth.partition(":")):
        raise UsageError("--proxy-auth: write USER:PASSWORD")
    if not (proxy_auth or open_proxy or is_loopback(listen.host)):
        raise UsageError(
            f"a forward proxy on {listen.host} is open to whoever reaches it: give --proxy-auth USER:PASSWORD, "
            "say --open-proxy, or keep it on 127.0.0.1"
        )


def check_authority(file: Path) -> None:
    """Check that a file holds certificates. Raises UsageError."""
    try:
        ssl.create_default_context(cafile=file)
    except OSError as error:
        raise UsageError(f"--upstream-ca {file}: expected certificates in PEM ({error})") from None


def report(line: str) -> None:
    """Print a line on stderr; a reader of it that has gone does not end the recording."""
    with contextlib.suppress(OSError):
        report_line(line)
