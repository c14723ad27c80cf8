"""`chatreel redact`: copies a cassette with its secrets replaced, or checks that none are left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cassettes.file.other_formats import check_name
from cassettes.file.reader import Cassette
from cassettes.file.storage import check_folder
from cassettes.redaction.late_secrets import copy_redacted, new_redactor, unfinished
from cassettes.redaction.leftovers import leftovers
from cassettes.redaction.rules import parse_rules
from cassettes.redaction.summary_lines import summary
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import CASSETTE, KEEP, RULES
from chatreel.cli.stderr import report_line
from foundation.errors import CassetteError, UsageError

EXAMPLES = """
chatreel redact incident.jsonl shareable.jsonl
chatreel redact incident.jsonl shareable.jsonl --redact header:X-Customer --redact phone
chatreel redact --check incident.jsonl
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.argument("source", metavar="FILE", type=CASSETTE)
@click.argument(
    "target", metavar="[OUT]", type=click.Path(path_type=Path, dir_okay=False), required=False, default=None
)
@RULES
@KEEP
@click.option("--check", is_flag=True,
              help="Write nothing: list where values are left that look secret, but not the values. "
                   "Exit code 1 when there are some.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace OUT when it exists.")
def command(
    source: Path, target: Path | None, rules: tuple[str, ...], keep: tuple[str, ...], check: bool, force: bool
) -> int:
    """Copy the cassette FILE to OUT with its secrets replaced, as `record` does; or --check that none are left."""
    if check:
        if target is not None or force:
            raise UsageError("--check writes nothing: leave OUT and --force out")
        return checked(source, rules, keep)
    if target is None:
        raise UsageError("name OUT, where the redacted copy is to go, or give --check")
    check_name(target)
    check_folder(target)
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is FILE itself: choose another OUT, so that nothing recorded is lost")
    if target.exists() and not force:
        raise CassetteError(f"{target} exists: --force replaces it")
    redactor = new_redactor(rules, keep)
    # Written beside its place and moved there whole, so that a broken FILE never costs an older OUT.
    draft = target.with_name(f".draft-{target.name}")
    try:
        with Cassette.open(source) as cassette:
            for warning in cassette.warnings:
                report_line(warning)
            copy_redacted(cassette.records(), draft, redactor, force=True)
        draft.replace(target)
    except OSError as error:
        raise CassetteError(f"{target}: cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    for line in summary(redactor):
        report_line(line)
    return 0


def checked(source: Path, rules: tuple[str, ...], keep: tuple[str, ...]) -> int:
    """Print where values that look secret are left in a cassette; returns the exit code."""
    found = 0
    for line in places(source, rules, keep):
        found += 1
        click.echo(line)
    if found:
        report_line(
            f"{source}: values that look secret are left; chatreel redact replaces them, --keep accepts them"
        )
    return 1 if found else 0


def places(source: Path, rules: tuple[str, ...], keep: tuple[str, ...]) -> Iterator[str]:
    """Yield a line for each place and kind of what is left in a cassette, without the values."""
    chosen, kept = parse_rules(rules), parse_rules(keep, "--keep")
    with Cassette.open(source) as cassette:
        for one in leftovers(cassette.records(), chosen, kept):
            where = "" if one.exchange is None else f"exchange {one.exchange}, "
            yield f"{where}{one.place}: {one.kind}"
        ended = unfinished(cassette.records())
        if ended:
            yield f"{ended} of the recordings ended before secrets that were found late were replaced"
