"""`chatreel chatbot`: runs the sample chatbot as a server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator

import click

from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import ADDRESS, Address
from chatreel.cli.serve import serve
from chatreel.cli.stderr import log_to_stderr
from chatreel.cli.volume_options import json_output, quiet, ready_line
from foundation.default_ports import CHATBOT, on_loopback
from sample_chatbot import server
from sample_chatbot.settings import POLLING_URLS, ChatbotSettings, PollingUrl

EXAMPLES = """
chatreel chatbot
chatreel chatbot --pace 0.1 --workers-cookie --strict-sessions
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.option(
    "--listen",
    type=ADDRESS,
    default=on_loopback(CHATBOT),
    show_default=True,
    help="Where to listen; port 0: a free one.",
)
@click.option(
    "--pace",
    type=float,
    default=1.0,
    show_default=True,
    help="Factor on all delays: at 1 a step takes 1 s (and /stream/timeout 150 s), at 0 nothing waits.",
)
@click.option(
    "--heartbeat",
    type=float,
    default=1.0,
    show_default=True,
    help="Seconds, times the pace, between heartbeats inside a step; 0: none.",
)
@click.option("--workers-cookie", is_flag=True, help="Set AWSALB cookies, new on every response.")
@click.option(
    "--strict-sessions",
    is_flag=True,
    help="Refuse a poll without its cookies (401) or with another session's (404), instead of a warning.",
)
@click.option(
    "--polling-url",
    type=click.Choice(POLLING_URLS),
    default="relative",
    show_default=True,
    help="How a new job names its url.",
)
@click.option("--seed", type=int, help="Make ids and cookies the same each time.")
@json_output("the ready line")
@quiet("only warnings")
def command(
    *,
    listen: Address,
    pace: float,
    heartbeat: float,
    workers_cookie: bool,
    strict_sessions: bool,
    polling_url: PollingUrl,
    seed: int | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the sample chatbot: SSE streams and polled jobs at POST /api/v1/stream."""
    settings = ChatbotSettings(
        pace=pace,
        heartbeat=heartbeat,
        workers_cookie=workers_cookie,
        strict_sessions=strict_sessions,
        polling_url=polling_url,
    )
    source = random.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - a seed is for tests
    with log_to_stderr("sample_chatbot", logging.WARNING if quiet else logging.INFO):
        asyncio.run(serve(running(settings, listen, source, as_json=as_json)))


@contextlib.asynccontextmanager
async def running(
    settings: ChatbotSettings, listen: Address, source: random.Random, *, as_json: bool
) -> AsyncIterator[str]:
    """Run the chatbot while the context lasts; gives its ready line."""
    async with server.run(settings, listen.host, listen.port, random=source) as url:
        yield ready_line(f"chatbot ready on {url}", {"url": url}, as_json=as_json)
