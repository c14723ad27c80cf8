"""An answer to break, and what faults make of it."""

from __future__ import annotations

from random import Random
from typing import Any

from cassettes.model import Request
from replayer.faults.applying import apply, length_of
from replayer.faults.arming import Hit
from replayer.faults.fault import Fault
from replayer.faults.scene import Scene
from replayer.faults.spec import parse
from replayer.schedule import Data, End, Ending, Head, Schedule

MS = 1000


def request(url: str = "/api/v1/stream", method: str = "POST") -> Request:
    return Request(exchange=0, at=0, method=method, url=url, http="1.1", headers=())


def stream(*pieces: bytes, ending: Ending = "complete", media_type: str = "text/event-stream") -> Schedule:
    """A chunked answer whose pieces come every 100 ms, as does its end."""
    head = Head(100 * MS, 200, "OK", (("Content-Type", media_type), ("Transfer-Encoding", "chunked")))
    data = [Data((place + 2) * 100 * MS, piece) for place, piece in enumerate(pieces)]
    return head, *data, End((len(pieces) + 2) * 100 * MS, ending)


def answer(body: bytes, status: int = 200, media_type: str = "application/json") -> Schedule:
    """A JSON answer with its length, after 100 ms."""
    head = Head(100 * MS, status, "OK", (("Content-Type", media_type), ("Content-Length", str(len(body)))))
    return head, Data(100 * MS, body), End(100 * MS, "complete")


def scene(schedule: Schedule, seed: int = 0, **facts: Any) -> Scene:
    """The scene of a schedule's answer."""
    facts = {"request": request(), "size": length_of(schedule)} | facts
    return Scene(random=Random(seed), **facts)  # noqa: S311 - repeatable, no secret


def broken(line: str | Fault, schedule: Schedule, **facts: Any) -> Schedule:
    """The schedule after one fault, whatever the fault's limits on requests are."""
    fault = parse(line) if isinstance(line, str) else line
    changed, _ = apply(schedule, [Hit(fault, scene(schedule, **facts))])
    return changed


def body(schedule: Schedule) -> bytes:
    """The bytes of the body."""
    return b"".join(action.data for action in schedule if isinstance(action, Data))


def times(schedule: Schedule) -> list[int]:
    """Milliseconds of the head, each piece, and the end."""
    return [action.at // MS for action in schedule]
