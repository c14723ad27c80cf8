"""Opens a recording: creates or extends the cassette, writes its header and sets up redaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.writer import CassetteWriter
from cassettes.redaction.late_secrets import FINISHED
from cassettes.redaction.rules import parse_rules
from cassettes.views.summary import Summary
from foundation.errors import CassetteError
from recorder.recorder import UNLIMITED, Limits, Recorder


class RecordingClock(Protocol):
    """The parts of a clock that a recording needs."""

    def now(self) -> int:
        """Return monotonic microseconds."""
        ...

    def wall(self) -> dt.datetime:
        """Return the time of day, in UTC."""
        ...


def open_recording(
    path: Path,
    *,
    upstream: str = "",
    append: bool = False,
    force: bool = False,
    rules: Sequence[str] | None = (),
    keep: Sequence[str] = (),
    secrets: Sequence[str] = (),
    clock: RecordingClock,
    report: Callable[[str], None],
    watch: Callable[[Sequence[Summary]], None] | None = None,
    limits: Limits = UNLIMITED,
    sums_up: bool = True,
) -> Recorder:
    """Return a recorder that writes to the cassette `path`.

    `append` adds a recording to a cassette that may exist; `force` replaces one. `rules` are added to the built-in
    redaction, `keep` says what it spares; None as `rules` turns redaction off. `secrets` are values that are redacted
    wherever they occur (see `Redactor`). `report`, `watch`, `limits` and `sums_up` are those of
    `Recorder`. Raises CassetteError when the file cannot be created or written, UsageError for a rule that cannot be
    parsed.
    """
    parse_rules(rules or ())
    parse_rules(keep, "--keep")
    header = model.Header(
        version=format_v1.VERSION,
        created=clock.wall().isoformat(timespec="microseconds").replace("+00:00", "Z"),
        recorder=f"chatreel {version('chatreel')}",
        upstream=without_credentials(upstream),
        extra={FINISHED: "off" if rules is None else "on"},
    )
    file = CassetteWriter.append(path) if append else CassetteWriter.create(path, force=force)
    try:
        return Recorder(
            file, header, rules=rules, keep=keep, secrets=secrets, now=clock.now, report=report, watch=watch,
            limits=limits, sums_up=sums_up,
        )  # fmt: skip
    except OSError as error:
        file.close()
        raise CassetteError(f"{path}: cannot be written: {error.strerror}") from None


def without_credentials(origin: str) -> str:
    """Return an origin without the name and password of a user, which a header must not contain."""
    scheme, mark, authority = origin.partition("://")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}"
