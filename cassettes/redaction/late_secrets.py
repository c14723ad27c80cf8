"""Replaces the secrets that were written before they were known to be secret, when a recording ends.

A value may stand in a prompt first, and under the name `password` an hour later. While a recording grows, what was
written stays; at its end the file is read once more, and put in its own place by a copy without these values, as a
whole. A recording that ended with that done has a `redaction` record behind it; without one, `chatreel redact` does it.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from cassettes.model import AnyRecord, Header, Unknown
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import parse_rules

FINISHED = "redaction"
"""The kind of the record that says that nothing is left to be replaced."""

STEP = 2000
"""Records between two calls of `progress`."""


def _nothing() -> None:
    pass


def without_late_secrets(
    path: Path, redactor: Redactor, *, since: Header | None = None, progress: Callable[[], None] = _nothing
) -> Path | None:
    """Return a new file beside a cassette, without the values that the redactor has found; None if none occurs.

    What is before the recording that begins with `since` stays as it is. `progress` is called now and then. Raises
    OSError and CassetteError.
    """
    if not redactor.found or not _occur(path, redactor.again(), since, progress):
        return None
    draft = path.with_name(f".draft-{path.name}")
    try:
        with Cassette.open(path) as cassette, CassetteWriter.create(draft, force=True) as file:
            earlier, own = _split(_steps(cassette.records(), progress), since)
            file.copy(chain(earlier, redacted(own, redactor.again())))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def copy_redacted(
    records: Iterable[AnyRecord], target: Path, redactor: Redactor, *, force: bool = False
) -> None:
    """Write records to the new cassette `target` with all secrets replaced; `force` replaces one. Raises OSError."""
    with CassetteWriter.create(target, force=force) as file:
        file.copy(redacted(records, redactor))
    draft = without_late_secrets(target, redactor)
    if draft is not None:
        draft.replace(target)


def new_redactor(rules: Sequence[str], keep: Sequence[str]) -> Redactor:
    """Return a redactor by the rules of a command line; raises UsageError."""
    return Redactor(parse_rules(rules), parse_rules(keep, "--keep"), key=secrets.token_bytes(32))


def redacted(records: Iterable[AnyRecord], redactor: Redactor) -> Iterator[AnyRecord]:
    """Yield the records of a cassette, redacted; what is found in one of its recordings is replaced in all."""
    for record in records:
        yield from redactor.feed([record])
    yield from redactor.close()


def finished(at: int, redactor: Redactor) -> Unknown:
    """Return the record that ends a redacted recording; it tells how many values of each kind were replaced."""
    return Unknown(kind=FINISHED, extra={"at": at, "replaced": list(redactor.replaced.items())})


def unfinished(records: Iterable[AnyRecord]) -> int:
    """Return how many of the recordings of a cassette were redacted and did not get to their end."""
    count = open_ones = 0
    for record in records:
        if isinstance(record, Header):
            count, open_ones = count + open_ones, int(record.extra.get(FINISHED) == "on")
        elif isinstance(record, Unknown) and record.kind == FINISHED:
            open_ones = 0
    return count + open_ones


def _occur(path: Path, redactor: Redactor, since: Header | None, progress: Callable[[], None]) -> bool:
    """Return whether any of the values that the redactor knows occurs in a recording."""
    with Cassette.open(path) as cassette:
        earlier, own = _split(_steps(cassette.records(), progress), since)
        deque(earlier, maxlen=0)
        return any(redactor.changed for _ in redacted(own, redactor)) or redactor.changed


def _split(
    records: Iterator[AnyRecord], since: Header | None
) -> tuple[Iterator[AnyRecord], Iterator[AnyRecord]]:
    """Return the records before a header, which have to be read first, and those from it on."""
    found: list[AnyRecord] = []

    def earlier() -> Iterator[AnyRecord]:
        for record in records:
            if record == since or since is None:
                found.append(record)
                return
            yield record

    return earlier(), chain(found, records)


def _steps(records: Iterable[AnyRecord], progress: Callable[[], None]) -> Iterator[AnyRecord]:
    for place, record in enumerate(records):
        if place % STEP == 0:
            progress()
        yield record
