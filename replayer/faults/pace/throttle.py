"""`throttle`: a narrow line, as of a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.faults.pace.serial_line import SerialLine
from replayer.faults.parameter_types import SomeBytes
from replayer.schedule.actions import Data, Finish, moved

PIECES_A_SECOND = 20
"""Pieces of a chunk that takes a second: they are small enough to look like a steady trickle."""


@dataclass(frozen=True, kw_only=True)
class Throttle(Fault):
    """Send the body at so many bytes a second."""

    called = "throttle"
    example = "throttle rate=2kB"

    rate: Annotated[SomeBytes, "bytes per second"]

    def begin(self, context: FaultContext) -> Transform:
        """Send pieces as the line carries them; the end of the response follows the last byte."""
        line = SerialLine(self.rate)
        size = max(1, self.rate // PIECES_A_SECOND)

        def feed(step: Step) -> Iterator[Step]:
            if isinstance(step, Data):
                for piece in pieces(step.data, size):
                    yield Data(line.carry(len(piece), step.at), piece)
            else:
                yield moved(step, max(step.at, line.free)) if isinstance(step, Finish) else step

        return feed


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Return data in pieces of `size` bytes, of which the last can be shorter."""
    return (data[begin : begin + size] for begin in range(0, len(data), size))
