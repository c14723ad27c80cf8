"""Appends forwarded exchanges to a cassette, through the recorder that the proxy uses: redacted, and without delay.

They are replayed after a restart, not before: a client that polls gets new responses from the upstream, and must not
get its own first one again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cassettes.model import Request
from cassettes.redaction.rules import parse_rules
from foundation.clock import Clock
from foundation.errors import CassetteError, ChatreelError
from foundation.printable import one_line
from recorder.assembly import RequestData, RequestEnd, RequestHead, TrafficEvent
from recorder.open_recording import open_recording
from recorder.recorder import Recorder


class ForwardedExchange(NamedTuple):
    """An exchange that is being forwarded: `see` takes its events, `now` returns their time in microseconds."""

    see: Callable[[TrafficEvent], None]
    now: Callable[[], int]


class MissRecorder:
    """Records to the end of the cassette `path`, which is created when it is missing.

    The recording is opened when the first exchange is forwarded. `origin` is the upstream for its header, `rules` are
    added to the built-in redaction. Raises UsageError for a rule that cannot be parsed, CassetteError when the file
    cannot be written. An error that occurs later is logged once, and exchanges are forwarded without being recorded.
    """

    def __init__(
        self, path: Path, origin: str, rules: Sequence[str], clock: Clock, log: Callable[[str], None]
    ) -> None:
        parse_rules(rules)
        if not os.access(path if path.exists() else path.parent, os.W_OK):
            raise CassetteError(f"{path}: cannot be written, and --on-miss record would append to it")
        self._path = path
        self._origin = origin
        self._rules = rules
        self._clock = clock
        self._log = log
        self._recorder: Recorder | None = None
        self._failed = False

    def begin(self, request: Request) -> ForwardedExchange | None:
        """Begin an exchange with its whole request; returns None when it cannot be recorded."""
        recorder = self._open()
        if recorder is None:
            return None
        exchange, at = recorder.begin(), recorder.at()
        recorder.see(exchange, RequestHead(at, request.method, request.url, request.http, request.headers))
        if request.body:
            recorder.see(exchange, RequestData(at, request.body))
        recorder.see(exchange, RequestEnd(at))
        return ForwardedExchange(partial(recorder.see, exchange), recorder.at)

    def _open(self) -> Recorder | None:
        if self._recorder is None and not self._failed:
            try:
                self._recorder = open_recording(
                    self._path, upstream=self._origin, append=True, rules=self._rules, clock=self._clock,
                    report=self._log,
                )  # fmt: skip
            except ChatreelError as error:
                self._failed = True
                self._log(one_line(f"{error}; what is forwarded is not recorded"))
        return self._recorder

    def close(self) -> None:
        """Write what is left, and log how many exchanges were added."""
        if self._recorder is not None:
            self._recorder.close()
            count, lost = self._recorder.exchanges, self._recorder.lost
            missing = f"; lost {lost}" if lost.records else ""
            self._log(one_line(f"added {count} exchange{'s' * (count != 1)} to {self._path}{missing}"))
