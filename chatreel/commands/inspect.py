"""`chatreel inspect`: serves the page that shows cassettes in the browser."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import click

from cassettes.samples import samples
from chatreel.cli.chatbot_urls import origin
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import ADDRESS, Address, url
from chatreel.cli.foreign_files import RECORDING
from chatreel.cli.serve import serve
from chatreel.cli.volume_options import json_output, ready_line
from chatreel.workflows.page_recording import RecordCommand
from foundation.default_ports import INSPECTOR, on_loopback
from inspector.server import InspectorSettings, inspector_server

EXAMPLES = """
chatreel inspect
chatreel inspect incident.jsonl monday.jsonl
chatreel inspect --record http://127.0.0.1:8100
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.argument("files", metavar="[FILE]...", type=RECORDING, nargs=-1)
@click.option(
    "--listen",
    type=ADDRESS,
    help="Where the page is; port 0 is a free one"
    f" [default: {on_loopback(INSPECTOR)}, or a free port when that is taken].",
)
@click.option(
    "--token",
    envvar="CHATREEL_INSPECT_TOKEN",
    default="",
    show_envvar=True,
    help="The bearer token that is asked for; there must be one where others than this machine reach the page.",
)
@click.option(
    "--record",
    "chatbot",
    metavar="URL",
    help="A chatbot, scheme://host[:port], whose recording the page starts and stops; each one is a new file here.",
)
@json_output("the ready line")
def command(
    files: tuple[Path, ...], listen: Address | None, token: str, chatbot: str | None, as_json: bool
) -> None:
    """Look at cassettes (or samples, by their names) in the browser; at recordings while they grow, too.

    Without FILE it shows all samples, or with --record nothing at first. The page takes a token from its own address: http://HOST:PORT/#token=TOKEN.
    """
    upstream = None if chatbot is None else origin(chatbot, "--record")
    paths = files if files or upstream else tuple(samples().values())
    settings = InspectorSettings(listen=listen, token=token)
    asyncio.run(serve(inspecting(paths, settings, upstream, as_json=as_json)))


@contextlib.asynccontextmanager
async def inspecting(
    paths: Sequence[Path], settings: InspectorSettings, upstream: str | None = None, *, as_json: bool = False
) -> AsyncIterator[str]:
    """Run an inspector, which can record the chatbot at `upstream`, while the context lasts; gives its ready line."""
    recorder = None if upstream is None else RecordCommand(upstream, Path.cwd())
    async with inspector_server(paths, settings, recorder) as address:
        count = len(paths)
        text = f"Inspecting {count} cassette{'s' * (count != 1)} on {url(*address)}"
        yield ready_line(text, {"url": url(*address), "cassettes": count}, as_json=as_json)
