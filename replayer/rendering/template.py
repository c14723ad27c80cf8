r"""Scripts with gaps where a client's own tokens go: made once for an exchange, filled for each client.

For the recorded token job-77f3 and a client that has job-a0c9 in its place:

    script      (0, b'HTTP/1.1 200 OK\r\n...'), (10, b'{"job_id": "job-77f3"}')
    template    (0, [b'HTTP/1.1 200 OK\r\n...']), (10, [b'{"job_id": "', gap of job-77f3, b'"}'])
    filled      (0, b'HTTP/1.1 200 OK\r\n...'), (10, b'{"job_id": "job-a0c9"}')
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from cassettes.tokens.finder import SPELLINGS, TokenFinder
from replayer.http1.encoder import FRAME_OVERHEAD, Frame, Script


class Gap(NamedTuple):
    """Where a recorded token stands, in one of its spellings."""

    recorded: str
    spelling: int


type Part = bytes | Gap


class Template:
    """The script of an exchange; `gaps` are its gaps in their order."""

    __slots__ = ("_parts", "_script", "gaps")

    def __init__(self, script: Script, finder: TokenFinder) -> None:
        self._script = script
        self._parts = [parts(frame.data, finder) for frame in script.frames]
        self.gaps = [part for frame in self._parts for part in frame if isinstance(part, Gap)]

    @property
    def size(self) -> int:
        """Bytes of memory that it needs, approximately."""
        around_gaps = self._script.size + FRAME_OVERHEAD * len(self.gaps) if self.gaps else 0
        return self._script.size + around_gaps

    def fill(self, own: Callable[[str], str]) -> Script:
        """The script with what `own` returns for each recorded token."""
        if not self.gaps:
            return self._script
        frames = tuple(
            frame
            if len(with_gaps) == 1 and not isinstance(with_gaps[0], Gap)
            else filled(frame, with_gaps, own)
            for frame, with_gaps in zip(self._script.frames, self._parts, strict=True)
        )
        return msgspec.structs.replace(self._script, frames=frames)


def parts(data: bytes, finder: TokenFinder) -> Sequence[Part]:
    """Data cut around the tokens in it."""
    found: list[Part] = []
    at = 0
    for start, stop, value, spelling in finder.matches(data):
        found += [data[at:start], Gap(value, spelling)]
        at = stop
    return [*found, data[at:]] if found else [data]


def filled(frame: Frame, with_gaps: Sequence[Part], own: Callable[[str], str]) -> Frame:
    """A frame with its gaps filled."""
    data = [
        SPELLINGS[part.spelling](own(part.recorded)).encode() if isinstance(part, Gap) else part
        for part in with_gaps
    ]
    return Frame(frame.at, b"".join(data))
