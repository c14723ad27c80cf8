"""`chatreel convert`: makes one cassette or HAR file of cassettes and of files of other programs."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from cassettes import har
from cassettes.file.other_formats import format_of, is_foreign
from cassettes.file.reader import Cassette
from cassettes.file.storage import check_folder
from cassettes.file.writer import PRIVATE, CassetteWriter
from cassettes.redaction.late_secrets import copy_redacted, new_redactor
from cassettes.redaction.redactor import Redactor
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import CASSETTE, KEEP, RULES, check_redaction
from chatreel.cli.stderr import report_line
from chatreel.cli.volume_options import json_output, quiet
from chatreel.workflows.open_cassettes import open_with_sessions
from foundation.errors import CassetteError, UsageError
from recorder.import_file import MOST_ENTRIES, import_file

OUTPUTS = (".jsonl", ".jsonl.zst", ".har")


class RangeType(click.ParamType[range]):
    """A range of numbers: 3 for one of them, 0-4 for five."""

    name = "N|N-M"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> range:
        """The range that a text stands for; fails for any other text."""
        found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", str(value))
        if found is None or int(found[2] or found[1]) < int(found[1]):
            self.fail(f"{value!r} is no number and no range of numbers; write 3 or 0-4", param, ctx)
        return range(int(found[1]), int(found[2] or found[1]) + 1)


@dataclass(frozen=True)
class ExchangeFilter:
    """The exchanges and sessions to copy from a cassette; all of them when both are empty."""

    exchanges: Sequence[range]
    sessions: Sequence[range]

    def __bool__(self) -> bool:
        return bool(self.exchanges or self.sessions)


EXAMPLES = """
chatreel convert incident.jsonl --out incident.har
chatreel convert saved-by-chrome.har --out incident.jsonl
chatreel convert incident.jsonl --session 2 --out one.jsonl
"""


GROUPS = {
    "What is written": ["--out", "--force"],
    "What is taken": ["--exchange", "--session", "--most-entries"],
    "Secrets": ["--redact", "--keep", "--no-redact"],
}
"""The sections of the options in the help."""


@click.command(cls=CommandWithExamples, examples=EXAMPLES, groups=GROUPS)
@click.argument("files", metavar="FILE...", type=CASSETTE, nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="What to write: a cassette (.jsonl, .jsonl.zst) or a HAR file (.har).")  # fmt: skip
@click.option("--exchange", "exchanges", type=RangeType(), multiple=True,
              help="Take only these exchanges, numbered as `show` does (repeatable).")  # fmt: skip
@click.option("--session", "sessions", type=RangeType(), multiple=True,
              help="Take only these sessions, numbered as `show --sessions` does (repeatable).")  # fmt: skip
@RULES
@KEEP
@click.option("--no-redact", is_flag=True, help="Keep the secrets in files of other programs as they are.")
@click.option("--most-entries", type=click.IntRange(1), default=MOST_ENTRIES, show_default=True,
              help="How many entries a file of another program may have.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace --out when it exists.")
@json_output("one object with how many exchanges were converted, and what was skipped")
@quiet("only warnings")
def command(
    files: tuple[Path, ...],
    out: Path,
    exchanges: tuple[range, ...],
    sessions: tuple[range, ...],
    rules: tuple[str, ...],
    keep: tuple[str, ...],
    no_redact: bool,
    most_entries: int,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Convert cassettes, HAR files, mitmproxy's flow files and vcrpy's cassettes; several become one.

    What a FILE is, its content tells. Secrets in files of other programs are replaced as `record` does. Cassettes
    stay as they are, unless --redact is given.
    """
    chosen = ExchangeFilter(exchanges, sessions)
    check(files, out, chosen, force=force)
    check_redaction(rules, keep, no_redact=no_redact)
    try:
        # Written beside its place and moved there whole, so that a broken FILE never costs an older one.
        with tempfile.TemporaryDirectory(prefix=".draft-", dir=out.parent) as folder:
            gathered = Path(folder, "gathered.jsonl.zst" if out.suffix == ".zst" else "gathered.jsonl")
            skipped = gather(files, gathered, None if no_redact else rules, keep, chosen, most_entries)
            with Cassette.open(gathered) as cassette:
                count = len(cassette)
                draft = write_har(cassette, Path(folder, "out.har")) if out.suffix == ".har" else gathered
            draft.replace(out)
    except OSError as error:
        raise CassetteError(f"{out}: cannot be written: {error.strerror}") from None
    if as_json:
        print(json.dumps({"out": str(out), "exchanges": count, "skipped": dict(skipped)}))
    elif not quiet:
        report_line(f"converted {count} exchanges into {out}{skipped_part(skipped)}")


def check(files: Sequence[Path], out: Path, chosen: ExchangeFilter, *, force: bool) -> None:
    """Refuse arguments that would lose something recorded or are ambiguous. Raises UsageError or CassetteError."""
    if not out.name.endswith(OUTPUTS):
        raise UsageError(f"--out {out}: its name says what to write: {', '.join(OUTPUTS)}")
    check_folder(out)
    if chosen and len(files) > 1:
        raise UsageError("--exchange and --session choose from one FILE: convert the others on their own")
    if out.exists() and any(out.samefile(file) for file in files):
        raise UsageError(f"{out} is a FILE itself: choose another --out, so that nothing recorded is lost")
    if out.exists() and not force:
        raise CassetteError(f"{out} exists: --force replaces it")


def gather(
    files: Sequence[Path],
    target: Path,
    rules: Sequence[str] | None,
    keep: Sequence[str],
    chosen: ExchangeFilter,
    most_entries: int,
) -> Counter[str]:
    """Write the chosen exchanges of all files as one cassette; returns how much was skipped, by its kind."""
    skipped: Counter[str] = Counter()
    with CassetteWriter.create(target) as writer:
        for turn, file in enumerate(files):
            source = target.with_name(f"{turn}.jsonl")
            if is_foreign(file) or format_of(file):
                skipped += import_file(
                    file, source, rules=rules, keep=keep, report=report_line, most_entries=most_entries
                )
            elif rules:
                copy_cassette(file, source, new_redactor(rules, keep))
            else:
                source = file
            copy_chosen(source, writer, chosen)
    return skipped


def copy_cassette(file: Path, target: Path, redactor: Redactor) -> None:
    """Copy a whole cassette with its secrets replaced.

    It is whole, because a secret that is learned in one exchange has to be replaced in all others.
    """
    with Cassette.open(file) as cassette:
        report_lines(cassette.warnings)
        copy_redacted(cassette.records(), target, redactor)


def copy_chosen(file: Path, writer: CassetteWriter, chosen: ExchangeFilter) -> None:
    """Copy the chosen exchanges of a cassette."""
    if not chosen:
        with Cassette.open(file) as cassette:
            report_lines(cassette.warnings)
            writer.copy(cassette.records())
        return
    cassette, found = open_with_sessions(file) if chosen.sessions else (Cassette.open(file), None)
    with cassette:
        report_lines(cassette.warnings)
        numbers = within(chosen.exchanges, len(cassette), "exchanges")
        if found is not None:
            for session in within(chosen.sessions, len(found), "sessions"):
                numbers.update(found.exchanges(session))
        writer.copy(cassette.selected(numbers))


def within(ranges: Iterable[range], count: int, what: str) -> set[int]:
    """The numbers in the ranges. Raises UsageError when one is not below `count`."""
    for one in ranges:
        if one[-1] >= count:
            raise UsageError(f"there are {count} {what}, counted from 0: there is no {one[-1]}")
    return {number for one in ranges for number in one}


def write_har(cassette: Cassette, target: Path) -> Path:
    """Write a new HAR file that only its owner can read; returns its path."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(har.export(cassette))
    return target


def report_lines(warnings: Iterable[str]) -> None:
    """Print each warning on stderr."""
    for warning in warnings:
        report_line(warning)


def skipped_part(skipped: Counter[str]) -> str:
    """The end of the summary that says how much was skipped; empty when nothing was."""
    parts = ", ".join(f"{count} {what}" for what, count in sorted(skipped.items()))
    return f"; skipped {parts}" if parts else ""
