"""Opens a recording: the file, its header and the redaction, from what a person chose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.writer import CassetteWriter
from cassettes.redaction import parse_rules
from cassettes.views.summary import Summary
from foundation.errors import CassetteError
from recorder.recorder import UNLIMITED, Limits, Recorder


class RecordingClock(Protocol):
    """What a recording asks of a clock."""

    def now(self) -> int:
        """Monotonic microseconds."""
        ...

    def wall(self) -> dt.datetime:
        """The time of day, in UTC."""
        ...


def open_recording(
    path: Path,
    *,
    upstream: str = "",
    append: bool = False,
    force: bool = False,
    rules: Sequence[str] | None = (),
    secrets: Sequence[str] = (),
    clock: RecordingClock,
    report: Callable[[str], None],
    watch: Callable[[Sequence[Summary]], None] | None = None,
    limits: Limits = UNLIMITED,
) -> Recorder:
    """A recorder into the cassette `path`; `rules` are the redaction's further ones, None turns it off.

    `secrets` are values that it never writes, wherever they occur (see `Redactor`). Raises CassetteError when the file
    cannot be had, UsageError for a rule that is none.
    """
    parse_rules(rules or ())
    header = model.Header(
        version=format_v1.VERSION,
        created=clock.wall().isoformat(timespec="microseconds").replace("+00:00", "Z"),
        recorder=f"chatreel {version('chatreel')}",
        upstream=without_credentials(upstream),
    )
    file = CassetteWriter.append(path) if append else CassetteWriter.create(path, force=force)
    try:
        return Recorder(
            file, header, rules=rules, secrets=secrets, now=clock.now, report=report, watch=watch, limits=limits
        )  # fmt: skip
    except OSError as error:
        file.close()
        raise CassetteError(f"{path}: cannot be written: {error.strerror}") from None


def without_credentials(origin: str) -> str:
    """An origin as it may be written down: without a user's name and password."""
    scheme, mark, authority = origin.partition("://")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}"
