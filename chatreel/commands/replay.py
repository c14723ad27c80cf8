"""`chatreel replay`: play cassettes back from a server, byte for byte and on time."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Literal

import click

from cassettes.errors import CassetteError
from cassettes.samples import resolve, samples
from chatreel.options import ADDRESS, Address, url
from chatreel.serving import serve
from replayer.casting import AfterLast, Polls, Rules
from replayer.clock import SECOND
from replayer.live import Tokens
from replayer.pace import FASTEST, LONGEST_GAP, SLOWEST, Pace
from replayer.responder import LostSession, Manners
from replayer.server import Settings, replay_server


def number(value: object) -> float:
    """The number that a text is; NaN, which is in no range, when it is none."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan


class SpeedType(click.ParamType[float]):
    """A factor, or `max` for infinity."""

    name = "1|N|max"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse a speed."""
        if value == "max":
            return math.inf
        speed = number(value)
        if not SLOWEST <= speed <= FASTEST:
            self.fail(
                f"{value!r} is no speed; write max, or a factor from {SLOWEST} to {FASTEST}", param, ctx
            )
        return speed


class GapType(click.ParamType[int]):
    """Seconds, as microseconds."""

    name = "SECONDS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse a length of time."""
        seconds = number(value)
        if not 0 <= seconds <= LONGEST_GAP:
            self.fail(f"{value!r} is no gap; write seconds, from 0 to {LONGEST_GAP}", param, ctx)
        return round(seconds * SECOND)


class AdminType(click.ParamType[Address | Literal["next"] | None]):
    """HOST:PORT, `next`, or `off`."""

    name = "HOST:PORT|off"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Address | Literal["next"] | None:
        """Parse an address, or one of the words."""
        if value == "next":
            return "next"
        return None if value == "off" else ADDRESS.convert(value, param, ctx)


@click.command(name="replay")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option(
    "--listen",
    type=ADDRESS,
    default="127.0.0.1:5000",
    show_default=True,
    help="Where clients ask; port 0 is a free one.",
)
@click.option(
    "--admin",
    metavar="HOST:PORT|off",
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
@click.option(
    "--speed",
    metavar="1|N|max",
    type=SpeedType(),
    default="1",
    show_default=True,
    help="How many times as fast as recorded; max is as fast as the client takes it.",
)
@click.option(
    "--max-gap",
    metavar="SECONDS",
    type=GapType(),
    help="Shorten every longer wait to this, before --speed applies.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="What the minted tokens are made of.")
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
def command(
    *,
    files: tuple[str, ...],
    listen: Address,
    admin: Address | Literal["next"] | None,
    admin_token: str,
    speed: float,
    max_gap: int | None,
    seed: int,
    tokens: Tokens,
    after_last: AfterLast,
    polls: Polls,
    lost_session: LostSession,
) -> None:
    """Play cassettes (or samples, by their names) back from a server, byte for byte and on time.

    Without FILE it plays all samples. A request that was not recorded gets 501, and says what differs.
    """
    settings = Settings(
        listen=listen,
        admin=admin,
        admin_token=admin_token,
        pace=Pace(speed=speed, max_gap=max_gap),
        manners=Manners(
            seed=seed,
            tokens=tokens,
            rules=Rules(after_last=after_last, polls=polls),
            lost_session=lost_session,
        ),
    )
    asyncio.run(serve(replaying(cassettes(files), settings)))


def cassettes(names: Sequence[str]) -> list[Path]:
    """The files that are meant; all samples when none is named."""
    chosen = [resolve(name) for name in names] or list(samples().values())
    if not chosen:
        raise CassetteError("no cassette was named and there are no samples; give the FILE of a recording")
    return chosen


@contextlib.asynccontextmanager
async def replaying(paths: Sequence[Path], settings: Settings) -> AsyncIterator[str]:
    """A running replay server; gives its ready line."""
    async with replay_server(paths, settings, say) as server:
        count = len(server.responder.recordings)
        admin = f" with admin on {url(*server.admin_address)}" if server.admin_address else ""
        yield f"Replaying {count} exchange{'s' * (count != 1)} on {url(*server.address)}{admin}"


def say(line: str) -> None:
    """Tell a person."""
    print(f"chatreel: {line}", file=sys.stderr, flush=True)
