"""`chatreel demo`: records the sample chatbot, replays, breaks and compares the recording, all on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import statistics
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import click

from cassettes.file.reader import Cassette
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import url
from chatreel.cli.serve import serve
from chatreel.cli.stderr import report_line
from chatreel.cli.units import bytes_of, seconds_of
from chatreel.workflows.diff_sources import live_run
from chatreel.workflows.platform_demo import platform_demo
from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.replay_proof import Proof, prove
from chatreel.workflows.threaded_server import Threaded
from comparison.live_run import LiveRunSettings
from comparison.report.report import reported
from comparison.report.text import difference_lines
from comparison.report.wording import extent, where
from comparison.result import Verdict
from comparison.rules.comparison_rules import STRICT
from foundation.clock import SYSTEM
from foundation.temporary_files import temporary_root
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent
from replayer.faults.language.plan import plan_of
from replayer.responder import ReplayOptions
from replayer.schedule.pace import Pace
from replayer.selection.client_sessions import Tokens
from replayer.server import ReplaySettings, replay_server
from sample_chatbot import server as chatbot
from sample_chatbot.settings import ChatbotSettings

PACE = 0.25
"""Seconds that a step of the sample chatbot takes here."""

JOB = "a polled job"

CONVERSATIONS = {
    "an SSE stream": "/api/v1/stream",
    JOB: "/api/v1/stream?mode=job",
    "an error": "/api/v1/stream/error",
}

FAULT = "forget-job from-poll=2"
"""The incident that platforms meet most: the session is lost between two polls, and another worker answers."""

TO_TRY = """\
The platform   {platform}  (sign in as {user} with the password {password})
The recorder   {recorder}  (the platform asks the chatbot through it)
The chatbot    {chatbot}
The inspector  {inspector}  (shows the recording as it grows)
The replay     {replay}  (plays the samples; its jobs lose their session)

Sign in to the platform, ask it something, and watch the same answer in the inspector.
To see what its users see when a session is lost, let another platform ask the replay, and ask it
"Deep analysis request":
  chatreel platform --chatbot '{replay}/api/v1/stream?mode=job' --listen 127.0.0.1:0
Ctrl-C ends all of it. What was recorded is then in {out}:
  chatreel replay {out}"""


EXAMPLES = """
chatreel demo
chatreel demo --platform
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to leave the cassette [default: a new temporary folder].",
)
@click.option("--force", is_flag=True, help="Replace a cassette that exists.")
@click.option(
    "--platform",
    is_flag=True,
    help="Start a chatbot, a recorder, the platform, a replay and the inspector to try things on, until Ctrl-C.",
)
def command(out: Path | None, force: bool, platform: bool) -> int:
    """Record the sample chatbot, replay the cassette, compare and break it, all on loopback, in some seconds."""
    out = out or Path(tempfile.mkdtemp(prefix="chatreel-", dir=temporary_root())) / "demo.jsonl"
    if platform:
        asyncio.run(serve(announced(out, force=force)))
        return 0
    recorded = record(out, force=force)
    as_expected = [
        *(replay(out, speed, recorded) for speed in (1.0, math.inf)),
        break_job(out),
        compare(out) == "same",
        compare(out, FAULT) == "different",
    ]
    print(f"\nThe cassette is {out}. Look at it, play it, break it, or hold a chatbot to it:")
    print(f"  chatreel show {out} 0\n  chatreel replay {out}\n  chatreel replay {out} --fault '{FAULT}'")
    print(f"  chatreel diff {out} --live URL")
    return 0 if all(as_expected) else 1


@contextlib.asynccontextmanager
async def announced(out: Path, *, force: bool) -> AsyncIterator[str]:
    """All of it, with its urls and what to try."""
    async with platform_demo(out, force=force) as demo:
        yield TO_TRY.format(out=out, **demo._asdict())


def record(out: Path, *, force: bool) -> dict[str, list[ClientEvent]]:
    """Record the conversations through the proxy; returns the events that the platform's client got in each."""
    settings = ChatbotSettings(pace=PACE, workers_cookie=True, strict_sessions=True)
    with Threaded(lambda: chatbot.run(settings)) as upstream:
        print(f"The sample chatbot runs on {upstream}")
        with capture(upstream, out, report_line, force=force) as proxy:
            print(f"Recording through the proxy on {proxy}")
            seen = hold_conversations(proxy, PACE)
    for name, events in seen.items():
        print(f"  {name}: {', '.join(event.type for event in events)}")
    with Cassette.open(out) as cassette:
        print(f"  {len(cassette)} exchanges, {bytes_of(out.stat().st_size)}, secrets replaced")
    return seen


def replay(path: Path, speed: float, recorded: dict[str, list[ClientEvent]]) -> bool:
    """Replay at a speed; returns whether the client got the same events and every byte was the same."""
    began = SYSTEM.now()
    with replaying(path, speed) as replay_url:
        same_events = hold_conversations(replay_url, PACE / speed) == recorded
    took = SYSTEM.now() - began
    # Byte for byte means the recorded tokens too, where otherwise each client gets its own.
    with replaying(path, speed, tokens="recorded") as replay_url, Cassette.open(path) as cassette:
        proof = prove(cassette.exchanges(), replay_url, SYSTEM)
    print(f"Replayed at {'the most that the client takes' if math.isinf(speed) else 'the recorded pace'}:")
    print(
        f"  events: {'identical' if same_events else 'DIFFERENT'} (the conversations took {seconds_of(took)})"
    )
    print(f"  bytes and chunk boundaries: {verdict(proof)}")
    if not math.isinf(speed):
        print(f"  timing: {timing(proof)}")
    return same_events and not proof.different


def break_job(path: Path) -> bool:
    """Replay the job with the fault; returns whether the client noticed that its job was lost."""
    with replaying(path, math.inf, fault=FAULT) as replay_url:
        events = hold_conversation(replay_url + CONVERSATIONS[JOB], 0)
    message = str(json.loads(events[-1].data).get("error"))
    print(f"Replayed with the fault {FAULT}:")
    print(f"  {JOB}: {', '.join(event.type for event in events)}\n  {message}")
    return message.startswith("Job polling error: 404")


def compare(path: Path, fault: str | None = None) -> Verdict:
    """Send the recorded requests to a replay, print what differs, and return the verdict."""
    with (
        replaying(path, math.inf, fault=fault) as replay_url,
        live_run(path, LiveRunSettings(origin=replay_url), STRICT, quiet, save=None, force=False) as sides,
    ):
        report = reported(sides.sessions, names=sides.names, label=sides.label)
    print(f"Compared the cassette with a replay{f' that has the fault {fault}' if fault else ''}:")
    print(f"  {report.verdict}: {extent(report)}")
    for one in report.differences:
        print(f"  {where(one)}", *difference_lines(one), sep="\n  ")
    return report.verdict


def quiet(_what: str, _done: int, _total: int) -> None:
    """Ignore progress."""


def hold_conversations(chatbot_url: str, poll_interval: float) -> dict[str, list[ClientEvent]]:
    """Hold each conversation as the platform does; returns its events. The interval is in seconds."""
    return {
        name: hold_conversation(chatbot_url + path, poll_interval) for name, path in CONVERSATIONS.items()
    }


def hold_conversation(chatbot_url: str, poll_interval: float) -> list[ClientEvent]:
    """Send one query; returns the events of the response, to its end."""
    with PlatformClient(chatbot_url, poll_interval=max(poll_interval, 0.01)) as client:
        return list(client.send("What are the key financial metrics?"))


def replaying(path: Path, speed: float, tokens: Tokens = "minted", fault: str | None = None) -> Threaded[str]:
    """A replay server on a free port; gives its url."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = ReplaySettings(
            listen=("127.0.0.1", 0),
            admin=None,
            pace=Pace(speed=speed),
            options=ReplayOptions(tokens=tokens, plan=plan_of([fault] if fault else [])),
        )
        async with replay_server([path], settings, report_line) as server:
            yield url(*server.address)

    return Threaded(run)


def verdict(proof: Proof) -> str:
    """Whether all bytes were the same, and in which exchanges not."""
    if proof.different:
        return f"DIFFERENT in exchanges {', '.join(map(str, proof.different))}"
    return f"identical in all {proof.exchanges} exchanges"


def timing(proof: Proof) -> str:
    """The median and the largest error of a chunk's time, counted from the first chunk of its stream."""
    median = seconds_of(round(statistics.median(proof.errors)))
    worst = seconds_of(max(proof.errors))
    return f"{len(proof.errors)} chunks after the first of their stream, median error {median}, worst {worst}"
