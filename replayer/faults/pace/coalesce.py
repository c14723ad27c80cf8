"""`coalesce`: a proxy that buffers the stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.parameter_types import Duration
from replayer.schedule.actions import Data, Head, Idle

MOST_HELD = 1 << 20
"""Bytes after which a buffer is sent early, as a proxy's is when it is full; the last chunk can exceed it."""


@dataclass(frozen=True, kw_only=True)
class Coalesce(Fault):
    """Hold back what is sent, and send it as one."""

    called = "coalesce"
    example = "coalesce window=1s"

    window: Annotated[Duration | None, "how long from the first byte held; without it, to the end"] = None

    @property
    def ticks(self) -> bool:
        """Whether there is a window, which can end while a live response is silent."""
        return self.window is not None

    def begin(self, context: FaultContext) -> Transform:
        """Return a new buffer's transform."""
        return Buffer(self.window).feed


class Buffer:
    """Holds the body for a window of so many microseconds from the first byte held; None is until the end.

    With a window of 100 ms, and chunks at 0, 50, 120 and 300 ms:

        0 and 50 ms     sent as one at 100 ms
        120 ms          begins the next window, and is sent alone at 220 ms
        300 ms          sent at 400 ms, or at the end of the body if that comes before
    """

    def __init__(self, window: int | None) -> None:
        self._window = window
        self._held = bytearray()
        self._due: int | None = None

    def feed(self, step: Step) -> Iterator[Step]:
        """Return what a step causes to be sent, and the step itself unless it is held."""
        yield from self._flush_if_due(step.at)
        if isinstance(step, Data):
            self._hold(step)
            yield from self._flush_if_due(step.at)
            if len(self._held) >= MOST_HELD:
                yield self._flush(step.at)
            return
        if self._held and not isinstance(step, Head | Idle):
            yield self._flush(step.at)
        yield step

    def _hold(self, step: Data) -> None:
        if not self._held and self._window is not None:
            self._due = step.at + self._window
        self._held += step.data

    def _flush_if_due(self, now: int) -> Iterator[Data]:
        """Return what is held, if its window is over."""
        if self._due is not None and self._due <= now:
            yield self._flush(self._due)

    def _flush(self, at: int) -> Data:
        data, self._held, self._due = bytes(self._held), bytearray(), None
        return Data(at, data)
