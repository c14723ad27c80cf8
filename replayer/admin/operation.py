"""Describes an operation of the admin listener as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from foundation.web.parameters import Parameters
from replayer.listener.listener import ReplayListener
from replayer.responder import Responder


class RunningReplay(msgspec.Struct, frozen=True):
    """The parts of a replay that operations inspect and change."""

    responder: Responder
    listener: ReplayListener


class Operation(msgspec.Struct, frozen=True):
    """One method of one path, done by `act`, which may be a coroutine.

    `request` is the type of its query, or of its body when the type is not a `Parameters`. `response` is the type of
    its response, None when that has no body. A `str` is sent as text of this `media_type`, any other value as JSON.
    """

    method: str
    path: str
    act: Callable[[RunningReplay, Any], Any]
    response: Any
    request: type[msgspec.Struct] = Parameters
    media_type: str = "application/json"

    @property
    def summary(self) -> str:
        """The first line of the docstring of `act`."""
        return (self.act.__doc__ or "").partition("\n")[0]
