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
"""Where RFC 9112, 7.1, has the size of a chunk in hexadecimal digits."""


@dataclass(frozen=True, kw_only=True)
class BadChunk(Positioned):
    """Break the framing of a chunked body; a body that is not chunked only breaks off."""

    called = "bad-chunk"
    example = "bad-chunk after-events=2 path=/api/v1/stream"

    def begin(self, context: FaultContext) -> Transform:
        """Without chunks there is no framing to break: what is no chunk would be more of the body."""
        passed = super().begin(context)
        chunked = False

        def feed(step: Step) -> Iterator[Step]:
            nonlocal chunked
            for given in passed(step):
                if isinstance(given, Head):
                    chunked = in_chunks(given, context)
                if chunked or not isinstance(given, Raw):
                    yield given

        return feed

    def strike(self, at: int, context: FaultContext) -> Iterable[Action]:
        """A chunk without its size, and the end."""
        return Raw(at, NO_SIZE), Finish(at, "close")
