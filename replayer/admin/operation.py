"""One thing that the admin listener does, as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from foundation.web.parameters import Parameters
from replayer.listener.listener import ReplayListener
from replayer.responder import Responder


class RunningReplay(msgspec.Struct, frozen=True):
    """What the operations work on."""

    responder: Responder
    listener: ReplayListener


class Operation(msgspec.Struct, frozen=True):
    """One method of one path.

    `request` is the type of its body for PUT, else of its query; `response` that of its answer, None for one
    without a body. `media_type` is what the answer is sent as: JSON, or else a text as it is.
    """

    method: str
    path: str
    act: Callable[[RunningReplay, Any], Any]
    response: Any
    request: type[msgspec.Struct] = Parameters
    media_type: str = "application/json"

    @property
    def summary(self) -> str:
        """What it does, in a line."""
        return (self.act.__doc__ or "").partition("\n")[0]
