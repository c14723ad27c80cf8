"""`bad-chunk`: the framing of the body breaks, so that no client can read on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from replayer.faults.context import FaultContext
from replayer.faults.ending.chunking import in_chunks
from replayer.faults.fault import Step, Transform
from replayer.faults.position import Positioned
from replayer.schedule.actions import Action, Finish, Head, Raw

NO_SIZE = b"no size\r\n"
"""Sent where RFC 9112, 7.1, requires the size of a chunk in hexadecimal digits."""


@dataclass(frozen=True, kw_only=True)
class BadChunk(Positioned):
    """Break the framing of a chunked body; a body that is not chunked only breaks off."""

    called = "bad-chunk"
    example = "bad-chunk after-events=2 path=/api/v1/stream"

    def begin(self, context: FaultContext) -> Transform:
        """Send NO_SIZE only where the body is chunked: in another body these bytes would be content."""
        transform = super().begin(context)
        chunked = False

        def feed(step: Step) -> Iterator[Step]:
            nonlocal chunked
            for changed in transform(step):
                if isinstance(changed, Head):
                    chunked = in_chunks(changed, context)
                if chunked or not isinstance(changed, Raw):
                    yield changed

        return feed

    def at_position(self, at: int, context: FaultContext) -> Iterable[Action]:
        """Return bytes that are no chunk's size, and the end of the connection."""
        return Raw(at, NO_SIZE), Finish(at, "close")
