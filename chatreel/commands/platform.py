"""`chatreel platform`: the users' own application as a server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import click

from chatreel.cli.chatbot_urls import STREAM, url_at
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import ADDRESS, Address, url
from chatreel.cli.serve import serve
from chatreel.cli.stderr import report_line
from chatreel.workflows.platform_server import platform_server
from foundation.default_ports import CHATBOT, on_loopback
from foundation.temporary_files import temporary_root

EXAMPLES = """
chatreel platform
chatreel platform --chatbot '127.0.0.1:8102/api/v1/stream?mode=job' --database sqlite:///answers.sqlite3
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.option(
    "--chatbot",
    metavar="URL",
    help="The chatbot: its origin, or the url of its stream where that is not /api/v1/stream "
    f"[default: CHATBOT_DEEP_STREAM_URL, CHATBOT_DEEP_URL, else http://{on_loopback(CHATBOT)}{STREAM}].",
)
@click.option(
    "--listen",
    type=ADDRESS,
    default="127.0.0.1:8000",
    show_default=True,
    help="Where to listen, on this machine; port 0: a free one.",
)
@click.option(
    "--database",
    metavar="URL",
    help="sqlite:///FILE or postgres://USER:PASSWORD@HOST/NAME "
    "[default: DATABASE_URL, else SQLite in a new temporary folder].",
)
def command(*, chatbot: str | None, listen: Address, database: str | None) -> None:
    """Run the platform: a Django application whose page asks the chatbot and keeps its answers.

    The database is migrated, and its user `demo` gets a new password at each start. Needs chatreel[platform].
    """
    asyncio.run(serve(announced(chatbot, listen, database)))


@contextlib.asynccontextmanager
async def announced(chatbot: str | None, listen: Address, database: str | None) -> AsyncIterator[str]:
    """The running platform, with its ready line."""
    asked = None if chatbot is None else url_at(chatbot, "--chatbot").geturl()
    async with platform_server().run(listen, chatbot=asked, database=database or own_database()) as running:
        page = f"{url(*running.address)}/analytics/assistant"
        yield f"Platform on {page}, sign in as {running.user} with the password {running.password}"


def own_database() -> str | None:
    """A database in a new temporary folder, which is told on stderr; None when the environment names one."""
    if os.environ.get("DATABASE_URL"):
        return None
    path = Path(tempfile.mkdtemp(prefix="chatreel-", dir=temporary_root())) / "platform.sqlite3"
    report_line(f"the answers are kept in {path}; --database keeps them elsewhere")
    return f"sqlite:///{path}"
