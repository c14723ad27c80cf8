"""An answer to break, and what faults make of it."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

from cassettes.model import Request
from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault
from replayer.faults.injection.active_plan import Hit
from replayer.faults.injection.pipeline import FaultPipeline, apply, length_of
from replayer.faults.language.spec import parse
from replayer.forwarding.live_faults import TICK
from replayer.schedule.actions import Data, Ending, Finish, Head, Idle, Schedule

MS = 1000

BLOCKS = [
    b'event: progress\ndata: {"progress": 10}\n\n',
    "event: result\ndata: é 語\n\n".encode(),
    b"data: a\r\ndata: b\r\n\r\n",
    b"data: old\r\r",
    b": ping\n\n",
    b"data: cut",
]


def request(url: str = "/api/v1/stream", method: str = "POST") -> Request:
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=())


def stream(*pieces: bytes, ending: Ending = "complete", media_type: str = "text/event-stream") -> Schedule:
    """A chunked answer whose pieces come every 100 ms, as does its end."""
    head = Head(100 * MS, 200, "OK", (("Content-Type", media_type), ("Transfer-Encoding", "chunked")))
    data = [Data((place + 2) * 100 * MS, piece) for place, piece in enumerate(pieces)]
    return head, *data, Finish((len(pieces) + 2) * 100 * MS, ending)


def answer(body: bytes, status: int = 200, media_type: str = "application/json") -> Schedule:
    """A JSON answer with its length, after 100 ms."""
    head = Head(100 * MS, status, "OK", (("Content-Type", media_type), ("Content-Length", str(len(body)))))
    return head, Data(100 * MS, body), Finish(100 * MS, "complete")


def context(schedule: Schedule, seed: int = 0, **facts: Any) -> FaultContext:
    """The context of a schedule's answer."""
    facts = {"request": request(), "size": length_of(schedule)} | facts
    return FaultContext(random=Random(seed), **facts)  # noqa: S311 - repeatable, no secret


def broken(line: str | Fault, schedule: Schedule, **facts: Any) -> Schedule:
    """The schedule after one fault, whatever the fault's limits on requests are."""
    fault = parse(line) if isinstance(line, str) else line
    changed, _ = apply(schedule, [Hit(fault, context(schedule, **facts))])
    return changed


def lived(line: str | Fault, schedule: Schedule, **facts: Any) -> Schedule:
    """What one fault makes of a live answer: it comes step by step, with ticks of silence between them."""
    fault = parse(line) if isinstance(line, str) else line
    course = FaultPipeline([Hit(fault, context(schedule, **{"size": None} | facts))])
    ticks = [Idle(at) for at in range(0, schedule[-1].at, TICK)]
    steps = sorted([*schedule, *ticks], key=lambda step: step.at)
    return tuple(given for step in steps for given in course.feed(step) if not isinstance(given, Idle))


@st.composite
def streams(draw: st.DrawFn) -> Schedule:
    """An event stream that is cut anywhere and ends anyhow."""
    whole = b"".join(draw(st.lists(st.sampled_from(BLOCKS), max_size=6)))
    cuts = sorted(draw(st.sets(st.integers(0, len(whole)), max_size=8)) | {0, len(whole)})
    pieces = [whole[begin:end] for begin, end in pairwise(cuts)]
    at = sorted(draw(st.lists(st.integers(0, 400 * MS), min_size=len(cuts) + 1, max_size=len(cuts) + 1)))
    data = [Data(when, piece) for when, piece in zip(at[1:-1], pieces, strict=True)]
    ending = draw(st.sampled_from(["complete", "close", "reset", "hang"]))
    return msgspec.structs.replace(stream()[0], at=at[0]), *data, Finish(at[-1], ending)


def body(schedule: Schedule) -> bytes:
    """The bytes of the body."""
    return b"".join(action.data for action in schedule if isinstance(action, Data))


def times(schedule: Schedule) -> list[int]:
    """Milliseconds of the head, each piece, and the end."""
    return [action.at // MS for action in schedule]
