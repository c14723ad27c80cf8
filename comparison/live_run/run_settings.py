"""How a live chatbot is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from cassettes.redaction import parse_rules
from cassettes.redaction.rules import HeaderRule
from cassettes.redaction.secret_names import SECRET_HEADERS
from comparison.live_run.credentials import NONE, Credentials
from foundation.clock import SECOND
from foundation.errors import UsageError

type Pace = Literal["full", "recorded"]


class LiveRunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The chatbot at `origin` (scheme://host[:port]), whose certificate `authority`, a PEM file, vouches for.

    At the recorded `pace` sessions, and the requests of each, keep their distances; at full pace a request goes out
    when the answer before it has ended. Up to `concurrency` sessions go on side by side. An answer breaks when no byte
    of it comes for `timeout`, and polls of a job end after `poll_time`, both in microseconds. The recording is
    redacted by the further `rules` too, as the cassette was. Raises UsageError when a number cannot be.
    """

    origin: str
    authority: Path | None = None
    pace: Pace = "full"
    concurrency: int = 8
    timeout: int = 120 * SECOND
    poll_time: int = 300 * SECOND
    credentials: Credentials = NONE
    rules: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise UsageError(f"--concurrency {self.concurrency}: one session at a time is the least")
        if self.timeout <= 0:
            raise UsageError("--timeout: an answer needs some time; write 120s, for example")

    @property
    def secret_headers(self) -> frozenset[str]:
        """The names, in lower case, of the headers that recordings have stand-ins in."""
        rules = parse_rules(self.rules)
        return SECRET_HEADERS | {rule.name for rule in rules if isinstance(rule, HeaderRule)}
