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
"""Bytes that are held, but for the last chunk, before they are let out early: a proxy's buffer ends too."""


@dataclass(frozen=True, kw_only=True)
class Coalesce(Fault):
    """Hold back what is sent, and send it as one."""

    called = "coalesce"
    example = "coalesce window=1s"

    window: Annotated[Duration | None, "how long from the first byte held; without it, to the end"] = None

    @property
    def ticks(self) -> bool:
        """A window ends in silence, too."""
        return self.window is not None

    def begin(self, context: FaultContext) -> Transform:
        """An empty buffer."""
        return Buffer(self.window).feed


class Buffer:
    """Holds a body for a window of time; None is until its end."""

    def __init__(self, window: int | None) -> None:
        self._window = window
        self._held = bytearray()
        self._due: int | None = None

    def feed(self, step: Step) -> Iterator[Step]:
        """What is let out by a step, and the step itself unless it is held."""
        yield from self._overdue(step.at)
        if isinstance(step, Data):
            self._hold(step)
            yield from self._overdue(step.at)
            if len(self._held) >= MOST_HELD:
                yield self._let_out(step.at)
            return
        if self._held and not isinstance(step, Head | Idle):
            yield self._let_out(step.at)
        yield step

    def _hold(self, step: Data) -> None:
        if not self._held and self._window is not None:
            self._due = step.at + self._window
        self._held += step.data

    def _overdue(self, now: int) -> Iterator[Data]:
        """What is held, if its window is over."""
        if self._due is not None and self._due <= now:
            yield self._let_out(self._due)

    def _let_out(self, at: int) -> Data:
        data, self._held, self._due = bytes(self._held), bytearray(), None
        return Data(at, data)
