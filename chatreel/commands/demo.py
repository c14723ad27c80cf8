"""`chatreel demo`: records, replays and compares in one go, on loopback."""

from __future__ import annotations

import contextlib
import math
import statistics
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import click

from cassettes.reader import Cassette
from chatreel.capture import capture
from chatreel.options import url
from chatreel.proof import Proof, prove
from chatreel.terminal import say
from chatreel.threaded import Threaded
from chatreel.units import bytes_of, seconds_of
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent
from replayer.clock import SYSTEM
from replayer.live import Tokens
from replayer.pace import Pace
from replayer.responder import Manners
from replayer.server import Settings as ReplaySettings
from replayer.server import replay_server
from sample_chatbot import server as chatbot
from sample_chatbot.settings import Settings as ChatbotSettings

PACE = 0.25
"""Seconds that a step of the sample chatbot takes here."""

CONVERSATIONS = {
    "an SSE stream": "/api/v1/stream",
    "a polled job": "/api/v1/stream?mode=job",
    "an error": "/api/v1/stream/error",
}


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to leave the cassette [default: a new temporary folder].",
)
@click.option("--force", is_flag=True, help="Replace a cassette that exists.")
def command(out: Path | None, force: bool) -> int:
    """Record the sample chatbot, replay the cassette and compare, all on loopback, in some seconds."""
    out = out or Path(tempfile.mkdtemp(prefix="chatreel-")) / "demo.jsonl"
    recorded = record(out, force=force)
    same = [replay(out, speed, recorded) for speed in (1.0, math.inf)]
    print(f"\nThe cassette is {out}. Look at it, or play it:")
    print(f"  chatreel show {out} 0\n  chatreel replay {out}")
    return 0 if all(same) else 1


def record(out: Path, *, force: bool) -> dict[str, list[ClientEvent]]:
    """Record the conversations through the proxy; what the platform's client saw of each."""
    settings = ChatbotSettings(pace=PACE, workers_cookie=True, strict_sessions=True)
    with Threaded(lambda: chatbot.run(settings)) as upstream:
        print(f"The sample chatbot runs on {upstream}")
        with capture(upstream, out, say, force=force) as proxy:
            print(f"Recording through the proxy on {proxy}")
            seen = converse(proxy, PACE)
    for name, events in seen.items():
        print(f"  {name}: {', '.join(event.type for event in events)}")
    with Cassette.open(out) as cassette:
        print(f"  {len(cassette)} exchanges, {bytes_of(out.stat().st_size)}, secrets replaced")
    return seen


def replay(path: Path, speed: float, recorded: dict[str, list[ClientEvent]]) -> bool:
    """Replay at a speed; whether the client saw the same events and every byte was the same."""
    began = SYSTEM.now()
    with replaying(path, speed) as replay_url:
        same_events = converse(replay_url, PACE / speed) == recorded
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


def converse(chatbot_url: str, poll_interval: float) -> dict[str, list[ClientEvent]]:
    """Hold each conversation as the platform does; the events of each. The interval is in seconds."""
    seen = {}
    for name, path in CONVERSATIONS.items():
        with PlatformClient(chatbot_url + path, poll_interval=max(poll_interval, 0.01)) as client:
            seen[name] = list(client.send("What are the key financial metrics?"))
    return seen


def replaying(path: Path, speed: float, tokens: Tokens = "minted") -> Threaded[str]:
    """A replay server on a free port; gives its url."""

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[str]:
        settings = ReplaySettings(
            listen=("127.0.0.1", 0), admin=None, pace=Pace(speed=speed), manners=Manners(tokens=tokens)
        )
        async with replay_server([path], settings, say) as server:
            yield url(*server.address)

    return Threaded(run)


def verdict(proof: Proof) -> str:
    """What the comparison of bytes gave."""
    if proof.different:
        return f"DIFFERENT in exchanges {', '.join(map(str, proof.different))}"
    return f"identical in all {proof.exchanges} exchanges"


def timing(proof: Proof) -> str:
    """How far from the recording each chunk was, as the client saw it, counted from the stream's first."""
    median = seconds_of(round(statistics.median(proof.errors)))
    worst = seconds_of(max(proof.errors))
    return f"{len(proof.errors)} chunks after the first of their stream, median error {median}, worst {worst}"
