"""Imports HAR files, flow files of mitmproxy and cassettes of vcrpy as cassettes, redacted like a recording."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from cassettes import model
from cassettes.file.other_formats import HAR, format_of
from cassettes.file.writer import CassetteWriter
from cassettes.har import HarFile
from cassettes.redaction.late_secrets import copy_redacted, new_redactor
from foundation.errors import CassetteError

MOST_ENTRIES = 100_000
"""Entries of a file of another program: reading and redacting as many takes about twenty seconds."""


class ForeignFile(Protocol):
    """An open file of another program.

    Once its records have been read, `skipped` counts the entries that are no exchange, by their kind, and `warnings`
    are lines for a person.
    """

    skipped: Counter[str]
    warnings: list[str]

    def __len__(self) -> int:
        """Return how many exchanges it holds."""
        ...

    def records(self) -> Iterator[model.AnyRecord]:
        """Yield the records of the cassette that it becomes, the header first."""
        ...


def import_file(
    path: Path,
    target: Path,
    *,
    rules: Sequence[str] | None,
    keep: Sequence[str] = (),
    report: Callable[[str], None],
    most_entries: int = MOST_ENTRIES,
) -> Counter[str]:
    """Write the exchanges of another program's file to the new cassette `target`; returns how many were skipped.

    The result counts skipped entries by their kind. `rules` are added to the built-in redaction, `keep` says what it
    spares; None as `rules` turns redaction off. `report` is called with lines for a person. Raises CassetteError for a
    file that cannot be read as what its name says, UsageError for a rule that cannot be parsed, OSError when `target`
    cannot be written.
    """
    redactor = None if rules is None else new_redactor(rules, keep)
    with opened(path) as source:
        if len(source) > most_entries:
            raise CassetteError(
                f"{path}: has {len(source)} entries, and {most_entries} are read at most: `chatreel convert` reads more"
                f" with --most-entries {len(source)}"
            )
        if redactor is None:
            with CassetteWriter.create(target) as file:
                file.copy(source.records())
        else:
            copy_redacted(source.records(), target, redactor)
        for warning in source.warnings:
            report(warning)
        return source.skipped


@contextlib.contextmanager
def opened(path: Path) -> Iterator[ForeignFile]:
    """Open a file as what it is by its content or, when that says nothing, by the suffix of its name."""
    found = format_of(path) or ("HAR" if path.suffix.lower() in HAR else "flow")
    if found == "HAR":
        yield HarFile.open(path)
    elif found == "vcrpy":
        from recorder.vcr_file import VcrFile  # noqa: PLC0415 - few files are vcrpy's

        yield VcrFile.open(path)
    else:
        from recorder.mitmproxy.flow_files import FlowFile  # noqa: PLC0415 - importing mitmproxy takes half a second, and only flow files need it

        with FlowFile.open(path) as flows:
            yield flows
