"""`drop-cookie`: a cookie is never set, so the client cannot come back with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import msgspec

from replayer.faults.fault import Fault, Feed, Step
from replayer.faults.kinds import Name
from replayer.faults.scene import Scene
from replayer.schedule import Head


@dataclass(frozen=True, kw_only=True)
class DropCookie(Fault):
    """Leave out `Set-Cookie`."""

    called = "drop-cookie"
    example = "drop-cookie name=session_id"

    name: Annotated[Name | None, "only the cookie of this name"] = None

    def begin(self, scene: Scene) -> Feed:
        """Headers without what sets the cookie."""

        def feed(step: Step) -> Iterator[Step]:
            if isinstance(step, Head):
                kept = tuple(header for header in step.headers if not self._sets(*header))
                step = msgspec.structs.replace(step, headers=kept)
            yield step

        return feed

    def _sets(self, name: str, value: str) -> bool:
        cookie = value.partition("=")[0].strip()
        return name.lower() == "set-cookie" and self.name in {None, cookie}
