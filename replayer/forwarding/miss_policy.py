"""What happens to requests that match nothing, as settings."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

type OnMiss = Literal["501", "forward", "record"]


class MissPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a request that matches nothing.

    `on_miss` is "501", a response that reports the nearest requests, "forward", the upstream's response, or "record",
    which also appends the exchange to the cassette `into`. `upstream` is scheme://host[:port]; when it is empty, the
    upstream of the recordings is used. `authority` is a PEM file of authorities for its certificate, in place of the
    machine's. `rules` are added to the built-in redaction.
    """

    on_miss: OnMiss = "501"
    upstream: str = ""
    authority: Path | None = None
    into: Path | None = None
    rules: tuple[str, ...] = ()
