"""`chatreel replay`: plays cassettes back from a server, byte for byte and on time."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Literal

import click
import msgspec

from cassettes.file.other_formats import format_of
from cassettes.samples import resolve, samples
from chatreel.cli.chatbot_urls import origin
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import ADDRESS, CASSETTE, RULES, UPSTREAM_CA, Address, url
from chatreel.cli.fault_options import FAULT, FAULT_MODULE, FAULTS, plan_from
from chatreel.cli.foreign_files import as_cassette
from chatreel.cli.match_options import IGNORE, MATCH
from chatreel.cli.pace_options import MAX_GAP, SPEED
from chatreel.cli.serve import serve
from chatreel.cli.server_tls import tls_of
from chatreel.cli.stderr import report_line
from chatreel.cli.volume_options import check_volume, json_output, quiet, ready_line, verbose
from chatreel.workflows.replay_pages import replay_pages
from foundation.default_ports import REPLAY, on_loopback
from foundation.errors import CassetteError, UsageError
from foundation.sockets import is_loopback
from replayer.forwarding.miss_policy import MissPolicy, OnMiss
from replayer.journal import JournalEntry
from replayer.matching.options import parse_match
from replayer.responder import LostSession, ReplayOptions
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import Tokens
from replayer.selection.resuming import Resume
from replayer.selection.selector import AfterLast, Polls, SelectionRules
from replayer.server import ReplaySettings, replay_server


class AdminType(click.ParamType[Address | Literal["next"] | None]):
    """The admin listener's address: [HOST:]PORT, `next`, or `off` for None."""

    name = "[HOST:]PORT|off"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Address | Literal["next"] | None:
        """The address, "next", or None for "off"; fails for any other text."""
        if value == "next":
            return "next"
        return None if value == "off" else ADDRESS.convert(value, param, ctx)


GROUPS = {
    "Where": ["--listen", "--tls", "--ca-dir", "--tls-cert", "--tls-key", "--admin", "--admin-token"],
    "When": ["--speed", "--max-gap"],
    "Which answer": [
        "--match",
        "--ignore",
        "--tokens",
        "--after-last",
        "--polls",
        "--lost-session",
        "--resume",
        "--cors",
        "--seed",
    ],
    "What was not recorded": ["--on-miss", "--upstream", "--upstream-ca", "--redact"],
    "What goes wrong (`chatreel faults` lists all faults)": [
        "--fault",
        "--faults",
        "--fault-module",
        "--allow-fault-header",
    ],
}
"""The sections of the options in the help."""

EXAMPLES = """
chatreel replay incident.jsonl
chatreel replay stream job --speed 10 --fault 'forget-job from-poll=2'
chatreel replay incident.jsonl --on-miss record --upstream http://127.0.0.1:8100
"""


@click.command(name="replay", cls=CommandWithExamples, examples=EXAMPLES, groups=GROUPS)
@click.argument("files", metavar="[FILE]...", nargs=-1, shell_complete=CASSETTE.shell_complete)
@click.option(
    "--listen",
    type=ADDRESS,
    default=on_loopback(REPLAY),
    show_default=True,
    help="Where clients ask; port 0 is a free one.",
)
@click.option(
    "--tls",
    is_flag=True,
    help="Speak HTTPS there, with a certificate of mitmproxy's authority: clients trust it as they trust `record`.",
)
@click.option(
    "--ca-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="For --tls: where mitmproxy's certificate authority lives [default: ~/.mitmproxy].",
)
@click.option(
    "--tls-cert",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Speak HTTPS there, with this certificate (PEM).",
)
@click.option(
    "--tls-key",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The key of --tls-cert (PEM), when it is not in the same file.",
)
@click.option(
    "--admin",
    metavar="[HOST:]PORT|off",
    type=AdminType(),
    default="next",
    show_default=True,
    help="Where the server tells about itself; next is the port after --listen's on loopback, or a free one.",
)
@click.option(
    "--admin-token",
    envvar="CHATREEL_ADMIN_TOKEN",
    default="",
    show_envvar=True,
    help="The bearer token that --admin asks for; it must have one where others than this machine reach it.",
)
@SPEED
@MAX_GAP
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="What the minted tokens and the chances of the faults are made of.",
)
@click.option(
    "--tokens",
    type=click.Choice(["minted", "recorded"]),
    default="minted",
    show_default=True,
    help="Give every session cookies and ids of its own, or all of them the recorded ones.",
)
@click.option(
    "--after-last",
    type=click.Choice(["repeat", "loop", "miss"]),
    default="repeat",
    show_default=True,
    help="What a request gets after the last recorded answer: that again, the first again, or a miss.",
)
@click.option(
    "--polls",
    type=click.Choice(["by-count", "by-time"]),
    default="by-count",
    show_default=True,
    help="A repeated request moves on each time, or gets what the recorded client had by then.",
)
@click.option(
    "--lost-session",
    type=click.Choice(["lenient", "401", "404"]),
    default="lenient",
    show_default=True,
    help="A request that lost its session's cookies is answered with a warning, or refused.",
)
@click.option(
    "--resume",
    type=click.Choice(["on", "204", "off"]),
    default="on",
    show_default=True,
    help="A client that comes back with Last-Event-ID gets the events after that one; 204 also ends its coming back"
    " when there are none.",
)
@click.option(
    "--cors",
    is_flag=True,
    help="Let pages of any origin ask and read, with credentials, and answer their preflights.",
)
@MATCH
@IGNORE
@click.option(
    "--on-miss",
    type=click.Choice(["501", "forward", "record"]),
    default="501",
    show_default=True,
    help="What was not recorded is refused, sent to the live upstream, or that and added to the last FILE.",
)
@click.option(
    "--upstream", metavar="URL", help="Where misses go: scheme://host[:port] [default: what was recorded]."
)
@UPSTREAM_CA
@RULES
@FAULT
@FAULTS
@FAULT_MODULE
@click.option(
    "--allow-fault-header",
    is_flag=True,
    help="Let a request ask for a fault of its own, in its header X-Chatreel-Fault.",
)
@json_output("the ready line, and with --verbose an object for each request, as /journal has it")
@quiet("no misses and no warnings")
@verbose("a line for each request, with what was played and why")
def command(
    *,
    files: tuple[str, ...],
    listen: Address,
    tls: bool,
    ca_dir: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    admin: Address | Literal["next"] | None,
    admin_token: str,
    speed: float,
    max_gap: int | None,
    seed: int,
    tokens: Tokens,
    after_last: AfterLast,
    polls: Polls,
    lost_session: LostSession,
    resume: Resume,
    cors: bool,
    match: tuple[str, ...],
    ignore: tuple[str, ...],
    on_miss: OnMiss,
    upstream: str | None,
    upstream_ca: Path | None,
    rules: tuple[str, ...],
    fault: tuple[str, ...],
    faults: Path | None,
    allow_fault_header: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Play cassettes (or samples, by their names) back from a server, byte for byte and on time.

    Without FILE it plays all samples, or nothing when misses are forwarded. A request that was not recorded gets
    501, and says what differs.
    """
    check_volume(quiet=quiet, verbose=verbose)
    paths = cassettes(files, on_miss)
    misses = MissPolicy(
        on_miss=on_miss,
        upstream=origin(upstream) if upstream else "",
        authority=upstream_ca,
        into=paths[-1] if on_miss == "record" else None,
        rules=rules,
    )
    check_misses(misses)
    settings = ReplaySettings(
        listen=listen,
        admin=admin,
        admin_token=admin_token,
        pace=Pace(speed=speed, max_gap=max_gap),
        misses=misses,
        tls=tls_of(listen[0], authority=tls, ca_dir=ca_dir, certificate=tls_cert, key=tls_key),
        options=replay_options(
            *(seed, tokens, after_last, polls, lost_session, resume, cors, match, ignore),
            *(fault, faults, allow_fault_header),
        ),
    )
    check_faults(settings, paths)
    log = (lambda _line: None) if quiet else report_line
    watch = None if not verbose else print_request_json if as_json else report_request
    asyncio.run(serve(replaying(paths, settings, log=log, watch=watch, as_json=as_json)))


def replay_options(
    seed: int,
    tokens: Tokens,
    after_last: AfterLast,
    polls: Polls,
    lost_session: LostSession,
    resume: Resume,
    cors: bool,
    match: Sequence[str],
    ignore: Sequence[str],
    fault: Sequence[str],
    faults: Path | None,
    allow_fault_header: bool,
) -> ReplayOptions:
    """The ReplayOptions that the command's options of the same names make. Raises UsageError."""
    return ReplayOptions(
        match=parse_match(match, ignore),
        seed=seed,
        tokens=tokens,
        rules=SelectionRules(after_last=after_last, polls=polls, resume=resume),
        lost_session=lost_session,
        plan=plan_from(faults, fault, seed),
        fault_header=allow_fault_header,
        cors=cors,
    )


def cassettes(names: Sequence[str], on_miss: OnMiss = "501") -> list[Path]:
    """The cassettes of these names: all samples when there are none.

    With `on_miss` "record" the last one is recorded into. Raises UsageError and CassetteError.
    """
    if on_miss == "record":
        if not names:
            raise UsageError("--on-miss record needs a FILE to add to")
        return [*(as_cassette(resolve(name)) for name in names[:-1]), own_file(names[-1])]
    chosen = [as_cassette(resolve(name)) for name in names]
    if not chosen and on_miss == "501":
        chosen = list(samples().values())
        if not chosen:
            raise CassetteError(
                "no cassette was named and there are no samples; give the FILE of a recording"
            )
    return chosen


def own_file(name: str) -> Path:
    """The path of a file to record into, which need not exist. Raises UsageError for a sample."""
    if not Path(name).exists() and name in samples():
        raise UsageError(f"--on-miss record would add to the sample {name}: name a FILE of your own last")
    if format_of(Path(name)):
        raise UsageError(f"--on-miss record adds to a cassette, and {name} is none: name another FILE last")
    return Path(name)


def check_misses(misses: MissPolicy) -> None:
    """Refuse options for misses that would have no effect. Raises UsageError."""
    for option, given in (("--upstream", misses.upstream), ("--upstream-ca", misses.authority)):
        if given and misses.on_miss == "501":
            raise UsageError(f"{option} needs --on-miss forward or --on-miss record")
    if misses.rules and misses.on_miss != "record":
        raise UsageError("--redact needs --on-miss record: nothing else is written")


def check_faults(settings: ReplaySettings, paths: Sequence[Path]) -> None:
    """Refuse faults that could hit nothing, and warn where others than this machine can ask for faults.

    Raises UsageError.
    """
    if not paths:
        from replayer.faults.language.needs_recording import check_live  # noqa: PLC0415 - few need it

        check_live(settings.options.plan.faults)
    if settings.options.fault_header and not is_loopback(settings.listen[0]):
        report_line(
            "warning: --allow-fault-header lets whoever reaches --listen break the answers that he gets"
        )


@contextlib.asynccontextmanager
async def replaying(
    paths: Sequence[Path],
    settings: ReplaySettings,
    *,
    log: Callable[[str], None] = report_line,
    watch: Callable[[JournalEntry], None] | None = None,
    as_json: bool = False,
) -> AsyncIterator[str]:
    """Run a replay server, with the inspector on its admin listener; gives its ready line.

    `log` is called with lines for a person, `watch` with each request that was answered.
    """
    with replay_pages(paths, token_needed=bool(settings.admin_token)) as pages:
        async with replay_server(paths, settings, log, pages) as server:
            server.responder.journal.watch = watch
            count = len(server.responder.recordings)
            admin = f" with admin on {url(*server.admin_address)}" if server.admin_address else ""
            live = f", misses go to {server.upstream}" if server.upstream else ""
            address = url(*server.address, secure=settings.tls is not None)
            text = f"Replaying {count} exchange{'s' * (count != 1)} on {address}{admin}{live}"
            fields = {
                "url": address,
                "admin": url(*server.admin_address) if server.admin_address else None,
                "exchanges": count,
                "upstream": server.upstream or None,
            }
            yield ready_line(text, fields, as_json=as_json)
            served = server.responder.journal.served
            for fault in server.responder.injector.idle if served else ():
                log(f"warning: fault {fault!r} changed none of the {served} answers")


def print_request_json(entry: JournalEntry) -> None:
    """Print a request that was answered as a JSON object on a line."""
    with contextlib.suppress(OSError):
        print(json.dumps({"event": "request", **msgspec.to_builtins(entry)}), flush=True)


def report_request(entry: JournalEntry) -> None:
    """Print a line on stderr about a request that was answered: by what, and why so. Misses have lines of their own."""
    if entry.why in {"miss", "forwarded"}:
        return
    session = "" if entry.session is None else f", session {entry.session}"
    faults = f", with {'; '.join(entry.faults)}" if entry.faults else ""
    with contextlib.suppress(OSError):
        report_line(
            f"{entry.method} {entry.target} {entry.status or 'no status'}:"
            f" exchange {entry.exchange} of {entry.cassette} ({entry.why}){session}{faults}"
        )
