"""Prints the report on a comparison, shows progress meanwhile, and writes files whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

from cassettes.file.writer import PRIVATE
from chatreel.cli.stderr import report_line
from chatreel.workflows.diff_sources import Progress
from comparison.report import junit
from comparison.report.report import Report, plain
from comparison.report.terminal import print_report
from comparison.report.text import lines
from foundation.errors import CassetteError


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress]:
    """A function that moves a progress bar on stderr, which is drawn only on a terminal."""
    console = Console(stderr=True)
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("sessions"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def print_comparison(report: Report, *, as_json: bool) -> None:
    """Print a report: as one JSON object, as a table on a terminal, as lines elsewhere."""
    if as_json:
        print(json.dumps(plain(report)))
        return
    if not report.exchanges and not report.found:
        report_line(not_compared(report))
        return
    terminal = Console()
    if terminal.is_terminal:
        print_report(report, terminal)
    else:
        print(*lines(report), sep="\n")


def not_compared(report: Report) -> str:
    """One line that says why nothing was compared."""
    why = report.uncompared[0].why if report.uncompared else "there is no exchange to compare"
    return f"{report.recorded} and {report.live}: nothing could be compared: {why}"


def junit_of(report: Report) -> bytes:
    """The report as an encoded document of JUnit XML."""
    data = BytesIO()
    junit.document(report).write(data, encoding="utf-8", xml_declaration=True)
    return data.getvalue()


def write(file: Path, data: bytes) -> None:
    """Write a file whole or not at all; only its owner can read it. Raises CassetteError."""
    try:
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=file.parent) as folder:
            draft = Path(folder, file.name)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            with os.fdopen(descriptor, "wb") as target:
                target.write(data)
            draft.replace(file)
    except OSError as error:
        raise CassetteError(f"{file}: cannot be written: {error.strerror}") from None
