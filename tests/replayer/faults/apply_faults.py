"""Responses for faults, and functions that apply a fault to them."""

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
from replayer.faults.injection.pipeline import FaultPipeline, apply, body_length
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
    """A chunked response whose pieces come every 100 ms, as does its end."""
    head = Head(100 * MS, 200, "OK", (("Content-Type", media_type), ("Transfer-Encoding", "chunked")))
    data = [Data((place + 2) * 100 * MS, piece) for place, piece in enumerate(pieces)]
    return head, *data, Finish((len(pieces) + 2) * 100 * MS, ending)


def answer(body: bytes, status: int = 200, media_type: str = "application/json") -> Schedule:
    """A JSON response with its length, after 100 ms."""
    head = Head(100 * MS, status, "OK", (("Content-Type", media_type), ("Content-Length", str(len(body)))))
    return head, Data(100 * MS, body), Finish(100 * MS, "complete")


def context(schedule: Schedule, seed: int = 0, **facts: Any) -> FaultContext:
    """Return the context of a fault for a schedule."""
    facts = {"request": request(), "size": body_length(schedule)} | facts
    return FaultContext(random=Random(seed), **facts)  # noqa: S311 - repeatable, no secret


def after_fault(line: str | Fault, schedule: Schedule, **facts: Any) -> Schedule:
    """Return a schedule after one fault, without regard to the fault's limits on requests."""
    fault = parse(line) if isinstance(line, str) else line
    changed, _ = apply(schedule, [Hit(fault, context(schedule, **facts))])
    return changed


def after_live_fault(line: str | Fault, schedule: Schedule, **facts: Any) -> Schedule:
    """Return a schedule after one fault as for a live response: it is fed step by step, with `Idle` in silence."""
    fault = parse(line) if isinstance(line, str) else line
    pipeline = FaultPipeline([Hit(fault, context(schedule, **{"size": None} | facts))])
    ticks = [Idle(at) for at in range(0, schedule[-1].at, TICK)]
    steps = sorted([*schedule, *ticks], key=lambda step: step.at)
    return tuple(
        changed for step in steps for changed in pipeline.feed(step) if not isinstance(changed, Idle)
    )


@st.composite
def streams(draw: st.DrawFn) -> Schedule:
    """Draws an event stream that is split anywhere, with any ending."""
    whole = b"".join(draw(st.lists(st.sampled_from(BLOCKS), max_size=6)))
    cuts = sorted(draw(st.sets(st.integers(0, len(whole)), max_size=8)) | {0, len(whole)})
    pieces = [whole[begin:end] for begin, end in pairwise(cuts)]
    at = sorted(draw(st.lists(st.integers(0, 400 * MS), min_size=len(cuts) + 1, max_size=len(cuts) + 1)))
    data = [Data(when, piece) for when, piece in zip(at[1:-1], pieces, strict=True)]
    ending = draw(st.sampled_from(["complete", "close", "reset", "hang"]))
    return msgspec.structs.replace(stream()[0], at=at[0]), *data, Finish(at[-1], ending)


def body(schedule: Schedule) -> bytes:
    """Return the bytes of the body."""
    return b"".join(action.data for action in schedule if isinstance(action, Data))


def times(schedule: Schedule) -> list[int]:
    """Return the milliseconds of the head, of each piece, and of the end."""
    return [action.at // MS for action in schedule]
