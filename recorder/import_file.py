"""What other programs recorded, as a cassette: HAR files and mitmproxy's flow files, redacted as a recording is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from cassettes import model
from cassettes.file.writer import CassetteWriter
from cassettes.har import HarFile
from cassettes.redaction import parse_rules, redacted

HAR = frozenset({".har"})
FLOWS = frozenset({".flow", ".flows", ".mitm"})


class ForeignFile(Protocol):
    """An open file of another program: its records, and what it told of the rest."""

    skipped: Counter[str]
    warnings: list[str]

    def records(self) -> Iterator[model.AnyRecord]:
        """The records of the cassette that it is."""
        ...


def is_foreign(path: Path) -> bool:
    """Whether a file of this name is another program's, and no cassette."""
    return path.suffix.lower() in HAR | FLOWS


def import_file(
    path: Path, target: Path, *, rules: Sequence[str] | None, report: Callable[[str], None]
) -> Counter[str]:
    """Write a HAR or a flow file as the new cassette `target`; how much was skipped, by what it was.

    `rules` are the redaction's further ones, None turns it off; `report` gets lines for a person. Raises
    CassetteError for a file that is none, UsageError for a rule that is none, OSError when `target` cannot be written.
    """
    chosen = None if rules is None else parse_rules(rules)
    with opened(path) as source, CassetteWriter.create(target) as file:
        records = source.records()
        file.copy(records if chosen is None else redacted(records, chosen))
        for warning in source.warnings:
            report(warning)
        return source.skipped


@contextlib.contextmanager
def opened(path: Path) -> Iterator[ForeignFile]:
    """The file by the ending of its name."""
    if path.suffix.lower() in HAR:
        yield HarFile.open(path)
        return
    from recorder.mitmproxy.flow_files import FlowFile  # noqa: PLC0415 - mitmproxy takes half a second, and only flow files need it

    with FlowFile.open(path) as flows:
        yield flows
