"""`no-last-blank-line`: the stream ends before the blank line that would have its last event dispatched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cassettes.framings.sse import SSE
from cassettes.framings.sse_fields import LINE_END
from replayer.faults.context import FaultContext
from replayer.faults.editing.framed_streams import in_streams, passed
from replayer.faults.fault import Fault, Step, Transform
from replayer.schedule.actions import Data, Finish, Raw

LINE_ENDS = b"\r\n"
MOST_HELD = 1000
"""Pieces of line ends that are held. After so many blank lines, the client has dispatched the last event long ago."""


@dataclass(frozen=True, kw_only=True)
class NoLastBlankLine(Fault):
    """Leave out the blank line after the last of server-sent events; a live one waits with each until more comes."""

    called = "no-last-blank-line"
    example = "no-last-blank-line path=/api/v1/stream"

    def begin(self, context: FaultContext) -> Transform:
        """Hold what can be the last line ends of a stream; other responses pass."""
        return in_streams(lambda framing: LastLineEnds().feed if framing is SSE else passed)


class LastLineEnds:
    """Holds the last piece with anything but line ends, and the pieces of line ends after it."""

    def __init__(self) -> None:
        self._held: list[Data] = []

    def feed(self, step: Step) -> Iterator[Step]:
        """Return the steps in the place of one."""
        if isinstance(step, Data):
            yield from self._take(step)
            return
        if isinstance(step, Raw):
            yield from self._release()
        elif isinstance(step, Finish):
            yield from without_blank_line(self._release())
        yield step

    def _take(self, step: Data) -> list[Data]:
        """Hold a piece if it can be among the last ones, and return those that are known not to be."""
        goes_on = step.data.strip(LINE_ENDS) or len(self._held) == MOST_HELD
        passed = self._release() if goes_on else []
        if step.data.endswith((b"\r", b"\n")):
            self._held.append(step)
            return passed
        return [*passed, step]

    def _release(self) -> list[Data]:
        held, self._held = self._held, []
        return held


def without_blank_line(pieces: list[Data]) -> Iterator[Data]:
    """Return the pieces up to the end of the last line that is not blank.

    With `/` for the end of a line, the pieces `data: a/` and `/` become `data: a/`, and the empty one is left out.
    """
    body = b"".join(piece.data for piece in pieces)
    end = LINE_END.search(body, len(body.rstrip(LINE_ENDS)))
    left = end.end() if end else len(body)
    for piece in pieces:
        if data := piece.data[:left]:
            yield Data(piece.at, data)
        left -= len(data)
