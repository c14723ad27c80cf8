"""`chatreel client`: sends one query with the platform's client and prints the events that arrive."""

from __future__ import annotations

import functools
import json
import logging
import os
from collections import Counter
from pathlib import Path
from typing import TextIO

import click
import msgspec

from chatreel.cli.chatbot_urls import url_at
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.stderr import log_to_stderr
from chatreel.cli.volume_options import check_volume, json_output, quiet, verbose
from chatreel.cli.waiting import WAIT, wait_for_listener
from foundation.errors import UsageError
from foundation.printable import printable
from platform_client import environment
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent


class HistoryMessage(msgspec.Struct, frozen=True):
    """An earlier message of the conversation, as the file of --history has it."""

    role: str
    content: str


GROUPS = {
    "What is asked": ["--url", "--query", "--history", "--no-auto-load", "--no-memory"],
    "Waiting": [
        "--wait",
        "--poll-interval",
        "--max-poll-time",
        "--timeout",
        "--stream-timeout",
        "--heartbeat-after",
    ],
}
"""The sections of the options in the help."""

EXAMPLES = """
chatreel client --query "Hello"
chatreel client --url '127.0.0.1:8102/api/v1/stream?mode=job' --query "Deep analysis request" --verbose
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES, groups=GROUPS)
@click.option(
    "--url",
    help="The chatbot: its origin, or the url of its stream.  "
    "[default: $CHATBOT_DEEP_STREAM_URL or $CHATBOT_DEEP_URL/stream]",
)
@click.option("--query", required=True, help="What to ask.")
@click.option(
    "--history",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='The conversation so far: a JSON list of {"role", "content"}.',
)
@click.option(
    "--poll-interval",
    type=float,
    help="Seconds between polls of a job.  [default: $CHATBOT_POLL_INTERVAL or 2]",
)
@click.option(
    "--max-poll-time", type=float, default=300.0, show_default=True, help="Seconds until polling is given up."
)
@click.option(
    "--timeout", type=float, default=120.0, show_default=True, help="Seconds for the first response to begin."
)
@click.option(
    "--stream-timeout",
    type=float,
    default=300.0,
    show_default=True,
    help="Seconds that a stream may be silent.",
)
@click.option(
    "--heartbeat-after",
    type=float,
    default=120.0,
    show_default=True,
    help="Seconds without an event until the client emits a heartbeat of its own.",
)
@WAIT
@click.option("--no-auto-load", is_flag=True, help="Ask the chatbot not to load documents.")
@click.option("--no-memory", is_flag=True, help="Ask the chatbot not to use its memory.")
@click.option("--expect-job", is_flag=True, help="Take a stream for an error.")
@json_output('a line {"event", "data"} for each event, the data as it came, and one with the summary')
@quiet("only the summary")
@verbose("the request and the response's headers, too")
@click.option(
    "--save-output",
    type=click.File("w", encoding="utf-8", lazy=False),
    metavar="FILE",
    help='Save the events as a JSON list of {"event", "data"}.',
)
def command(
    *,
    url: str | None,
    query: str,
    history: Path | None,
    poll_interval: float | None,
    max_poll_time: float,
    timeout: float,
    stream_timeout: float,
    heartbeat_after: float,
    wait: int,
    no_auto_load: bool,
    no_memory: bool,
    expect_job: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    save_output: TextIO | None,
) -> int:
    """Ask a chatbot as the platform does. Exit code 0 when a result arrived, 1 when not."""
    check_volume(quiet=quiet, verbose=verbose)
    messages = read_history(history) if history else []
    show = functools.partial(print_event, as_json=as_json, quiet=quiet)
    level = logging.WARNING if quiet else logging.DEBUG if verbose else logging.INFO
    chatbot = url_at(url or default_url(), "--url").geturl()
    client = PlatformClient(
        chatbot,
        timeout=timeout,
        stream_timeout=stream_timeout,
        poll_interval=environment.poll_interval(os.environ) if poll_interval is None else poll_interval,
        max_poll_time=max_poll_time,
        heartbeat_after=heartbeat_after,
    )
    seen: list[ClientEvent] = []
    wait_for_listener(chatbot, wait)
    try:
        with client, log_to_stderr("platform_client", level):
            for event in client.send(
                query,
                messages,
                auto_load_documents=not no_auto_load,
                memory_enabled=not no_memory,
                expect_job=expect_job,
            ):
                seen.append(event)
                show(event)
    finally:  # Ctrl-C too leaves what had arrived
        kinds = Counter(event.type for event in seen)
        print(json.dumps(summary_fields(kinds)) if as_json else summary(kinds), flush=True)
        if save_output:
            save(seen, save_output)
    return 0 if kinds["result"] else 1


def default_url() -> str:
    """The chatbot's url from the environment. Raises UsageError when it is not set."""
    url = environment.chatbot_url(os.environ)
    if url is None:
        raise UsageError("no chatbot to ask: pass --url, or set CHATBOT_DEEP_STREAM_URL or CHATBOT_DEEP_URL")
    return url


def read_history(path: Path) -> list[dict[str, str]]:
    """The messages in the file of --history. Raises UsageError when it cannot be read or holds anything else."""
    try:
        messages = msgspec.json.decode(path.read_bytes(), type=list[HistoryMessage])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f'--history {path}: {error}; expected a JSON list of {{"role": ..., "content": ...}}'
        ) from error
    return [msgspec.structs.asdict(message) for message in messages]


def print_event(event: ClientEvent, *, as_json: bool, quiet: bool) -> None:
    """Print an event, as a block of lines or as a JSON object on one line; nothing when that is not wanted."""
    if not quiet:
        print(json.dumps(plain(event)) if as_json else block(event), flush=True)


def plain(event: ClientEvent) -> dict[str, str]:
    """The JSON object of an event, its data as the raw string."""
    return {"event": event.type, "data": event.data}


def block(event: ClientEvent) -> str:
    """The lines of an event: its type, then its data, JSON with indentation."""
    return f"[{printable(event.type.upper())}]\n{body(event.data)}\n"


def body(data: str) -> str:
    """The lines of an event's data; what is not JSON is indented, so that none of its lines looks like an event."""
    try:
        lines = json.dumps(json.loads(data), indent=2, ensure_ascii=False).split("\n")
    except (ValueError, RecursionError):
        lines = [f"  {line}" for line in data.split("\n")]
    return "\n".join(printable(line) for line in lines)


def summary(kinds: Counter[str]) -> str:
    """The three lines that are printed at the end: how many events arrived, and whether a result and an error did."""
    return (
        "SUMMARY\n"
        f"Total events received: {kinds.total()}\n"
        f"Result found: {kinds['result'] > 0}\n"
        f"Error occurred: {kinds['error'] > 0}"
    )


def summary_fields(kinds: Counter[str]) -> dict[str, int | bool]:
    """The JSON object of the summary."""
    return {"events": kinds.total(), "result": kinds["result"] > 0, "error": kinds["error"] > 0}


def save(events: list[ClientEvent], file: TextIO) -> None:
    """Write the events as a JSON list, with their data as raw strings. Raises UsageError when that fails."""
    text = json.dumps(list(map(plain, events)), indent=2)
    try:
        print(text, file=file, flush=True)
    except OSError as error:
        raise UsageError(f"--save-output {file.name}: {error.strerror}") from error
