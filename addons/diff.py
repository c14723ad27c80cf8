"""Compares the traffic that passes through mitmproxy with a cassette.

Embedded by `chatreel record --compare`, and under plain mitmproxy:

    mitmdump -s "$(chatreel addon diff)" --set chatreel_compare=incident.jsonl
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from mitmproxy import ctx
from mitmproxy.addonmanager import Loader

from addons.record import Observer, RecordAddon
from cassettes.file.reader import Cassette
from cassettes.model import RecordingExchange
from cassettes.redaction.rules import parse_rules
from cassettes.samples import resolve
from comparison.monitor.monitor import Monitor
from comparison.rules.noise import SILENCE, Noise
from comparison.rules.noise_file import read_noise
from foundation.clock import SYSTEM
from foundation.errors import ChatreelError
from recorder.assembly import AnyEvent

logger = logging.getLogger(__name__)


class ObserverPair:
    """Passes all events on to two observers; their times are those of the first."""

    def __init__(self, one: Observer, other: Observer) -> None:
        self._one, self._other = one, other

    def at(self) -> int:
        """Return the microseconds since the first observer began."""
        return self._one.at()

    def begin(self) -> RecordingExchange:
        """Begin an exchange and return its number, which is the same for both."""
        self._other.begin()
        return self._one.begin()

    def see(self, exchange: RecordingExchange, event: AnyEvent) -> None:
        """Pass an event on to both."""
        self._one.see(exchange, event)
        self._other.see(exchange, event)


def check(cassette: Path, noise: Path | None) -> Noise:
    """Check that both files can be read; returns the noise, and raises a ChatreelError for a file that cannot."""
    Cassette.open(cassette).close()
    return SILENCE if noise is None else read_noise(noise)


def watch(
    cassette: Path, noise: Path | None, redaction: Sequence[str], report: Callable[[str], None]
) -> Monitor:
    """Return a monitor that compares traffic with a cassette.

    `redaction` are rules to add to the built-in ones. `report` is called with lines for a person. Raises a
    ChatreelError when the cassette, the noise or a rule cannot be read.
    """
    parse_rules(redaction)
    known = check(cassette, noise)
    return Monitor(str(cassette), noise=known, redaction=list(redaction), now=SYSTEM.now, report=report)


class DiffByOptions:
    """The addon for `mitmdump -s`, which is set up by mitmproxy's options."""

    def __init__(self) -> None:
        self._watch: Monitor | None = None

    def load(self, loader: Loader) -> None:
        """Declare the options; mitmproxy calls this first."""
        loader.add_option("chatreel_compare", str, "", "The cassette to compare with, or a sample.")
        loader.add_option("chatreel_noise", str, "", "What varies by nature (see chatreel diff --learn).")
        loader.add_option(
            "chatreel_redact", Sequence[str], [], "Further redaction rules (see chatreel record)."
        )

    def running(self) -> None:
        """Begin to compare; mitmproxy calls this when it has read the options."""
        options = ctx.options
        if not options.chatreel_compare:
            logger.error("chatreel: nothing is compared: say with what, with --set chatreel_compare=FILE")
            return
        if "chatreel_out" in options and options.chatreel_out:
            logger.error("chatreel: to record as well, use chatreel record --compare instead of both addons")
            return
        noise = Path(options.chatreel_noise) if options.chatreel_noise else None
        try:
            self._watch = watch(
                resolve(options.chatreel_compare), noise, options.chatreel_redact, logger.warning
            )
        except ChatreelError as error:
            logger.error("chatreel: %s", error)  # noqa: TRY400 - one line; mitmproxy ends itself after it
            return
        ctx.master.addons.add(RecordAddon(self._watch))

    def done(self) -> None:
        """Compare what is left and report the summary; mitmproxy calls this when it ends."""
        if self._watch is not None:
            self._watch.close()


addons = [DiffByOptions()]
