"""The settings of a live run."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from cassettes.redaction.rules import HeaderRule, parse_rules
from comparison.live_run.credentials import NONE, Credentials
from foundation.clock import SECOND
from foundation.errors import UsageError

type Pace = Literal["full", "recorded"]


class LiveRunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a live run; raises UsageError when a number is out of range.

    `origin` (scheme://host[:port]) is where the chatbot is; `authority` is a PEM file with the authority that signed
    its certificate. At the `recorded` pace sessions begin, and requests are made, at their recorded distances; at
    `full` pace a request is made once the response before it has ended. Up to `concurrency` sessions run side by side.
    A response breaks when no byte of it comes for `timeout`, and a job is polled for `poll_time`, both in microseconds.
    The live recording is redacted by the further `rules` and spares what `keep` says, which should be those of the
    cassette; None as `rules` leaves the live recording as it is.
    """

    origin: str
    authority: Path | None = None
    pace: Pace = "full"
    concurrency: int = 8
    timeout: int = 120 * SECOND
    poll_time: int = 300 * SECOND
    credentials: Credentials = NONE
    rules: tuple[str, ...] | None = ()
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise UsageError(f"--concurrency {self.concurrency}: one session at a time is the least")
        if self.timeout <= 0:
            raise UsageError("--timeout: an answer needs some time; write 120s, for example")

    @property
    def all_rules(self) -> list[str] | None:
        """Returns the rules together with those of the credentials; None when nothing is to be redacted."""
        return None if self.rules is None else [*self.rules, *self.credentials.rules]

    @property
    def secret_headers(self) -> frozenset[str]:
        """Returns the names, in lower case, of the headers whose values are stand-ins because a rule asks for it."""
        rules = parse_rules(self.rules or ())
        return frozenset(rule.name for rule in rules if isinstance(rule, HeaderRule))
