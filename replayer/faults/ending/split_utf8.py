"""`split-utf8`: characters arrive in two parts, which a client that decodes each chunk by itself cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.schedule.actions import Data

CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, kw_only=True)
class SplitUtf8(Fault):
    """Cut every chunk inside its multi-byte characters."""

    called = "split-utf8"
    example = "split-utf8 path=/api/v1/stream"

    def begin(self, context: FaultContext) -> Transform:
        """Send each part as a chunk of its own, at the same time: `aéb` as `a` with half of `é`, then the rest."""

        def feed(step: Step) -> Iterator[Step]:
            if not isinstance(step, Data):
                yield step
                return
            cuts = [0, *(found.start() + 1 for found in CHARACTER.finditer(step.data)), len(step.data)]
            for begin, end in pairwise(cuts):
                yield Data(step.at, step.data[begin:end])

        return feed
