"""`garbage`: bytes that mean nothing come in the middle of the answer, as from a broken proxy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from replayer.faults.context import FaultContext
from replayer.faults.parameter_types import SomeBytes
from replayer.faults.position import Positioned
from replayer.schedule.actions import Action, Data, Finish

MOST = 16 << 20
"""Bytes of garbage in one response."""


@dataclass(frozen=True, kw_only=True)
class Garbage(Positioned):
    """Send random bytes instead of the rest of the body, and close the connection."""

    called = "garbage"
    example = "garbage size=1kB after-events=3"

    size: Annotated[SomeBytes, "so many bytes, 16 MiB at most"]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size > MOST:
            raise ValueError(f"size={self.size} is too much; {MOST} bytes is the most")

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return the random bytes in one piece, and the end of the connection."""
        return Data(at, context.random.randbytes(self.size)), Finish(at, "close")
