"""A chatbot, a recorder, the platform, a replay and the inspector, all at once on loopback."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from cassettes.samples import samples
from chatreel.cli.common_options import url
from chatreel.cli.stderr import report_line
from chatreel.workflows.platform_server import platform_server
from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.threaded_server import Threaded
from foundation.temporary_files import temporary_root
from inspector.server import InspectorSettings, inspector_server
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server as sample_chatbot
from sample_chatbot.settings import ChatbotSettings

INCIDENT = "forget-job from-poll=2"
"""What the replay's jobs meet: the session is lost between two polls."""


class Demo(NamedTuple):
    """Where all of it runs, and who can sign in to the platform."""

    chatbot: str
    recorder: str
    platform: str
    replay: str
    inspector: str
    user: str
    password: str


@contextlib.asynccontextmanager
async def platform_demo(out: Path, *, force: bool) -> AsyncIterator[Demo]:
    """Run them while the context lasts, each on a free port and in a thread of its own.

    The platform asks the chatbot through the recorder, which writes `out`; the inspector shows that as it grows. The
    replay plays the samples, and its jobs meet INCIDENT. Raises UsageError when Django is not installed, and
    CassetteError when `out` exists, unless `force` replaces it.
    """
    os.environ.setdefault("DJANGO_LOG_LEVEL", "WARNING")
    server = platform_server()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="chatreel-", dir=temporary_root()))
        chatbot = stack.enter_context(
            Threaded(lambda: sample_chatbot.run(ChatbotSettings(workers_cookie=True, strict_sessions=True)))
        )
        recorder = stack.enter_context(capture(chatbot, out, report_line, force=force))
        platform = stack.enter_context(
            Threaded(
                lambda: server.run(
                    ("127.0.0.1", 0),
                    chatbot=f"{recorder}/api/v1/stream",
                    database=f"sqlite:///{folder}/platform.sqlite3",
                )
            )
        )
        yield Demo(
            chatbot=chatbot,
            recorder=recorder,
            platform=f"{url(*platform.address)}/analytics/assistant",
            replay=stack.enter_context(Threaded(replaying)),
            inspector=stack.enter_context(Threaded(lambda: inspecting(out))),
            user=platform.user,
            password=platform.password,
        )


@contextlib.asynccontextmanager
async def replaying() -> AsyncIterator[str]:
    """A replay of the samples; gives its url."""
    settings = ReplaySettings(
        listen=("127.0.0.1", 0), admin=None, options=ReplayOptions(plan=plan_of([INCIDENT]))
    )
    async with replay_server(list(samples().values()), settings, report_line) as server:
        yield url(*server.address)


@contextlib.asynccontextmanager
async def inspecting(path: Path) -> AsyncIterator[str]:
    """An inspector of a cassette; gives its page's url."""
    async with inspector_server([path], InspectorSettings(listen=("127.0.0.1", 0))) as address:
        yield f"{url(*address)}/inspect/"
