"""`chatreel redact`: copies a cassette with its secrets replaced."""

from __future__ import annotations

from pathlib import Path

import click

from cassettes.file.other_formats import check_name
from cassettes.file.reader import Cassette
from cassettes.file.storage import check_folder
from cassettes.file.writer import CassetteWriter
from cassettes.redaction.redactor import redacted
from cassettes.redaction.rules import parse_rules
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import CASSETTE, RULES
from chatreel.cli.stderr import report_line
from foundation.errors import CassetteError, UsageError

EXAMPLES = """
chatreel redact incident.jsonl shareable.jsonl
chatreel redact incident.jsonl shareable.jsonl --redact header:X-Customer --redact phone
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.argument("source", metavar="IN", type=CASSETTE)
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path, dir_okay=False))
@RULES
@click.option("--force", is_flag=True, help="Replace OUT when it exists.")
def command(source: Path, target: Path, rules: tuple[str, ...], force: bool) -> None:
    """Copy the cassette IN to OUT with its secrets replaced, as `record` does before it writes."""
    check_name(target)
    check_folder(target)
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is IN itself: choose another OUT, so that nothing recorded is lost")
    if target.exists() and not force:
        raise CassetteError(f"{target} exists: --force replaces it")
    # Written beside its place and moved there whole, so that a broken IN never costs an older OUT.
    draft = target.with_name(f".draft-{target.name}")
    try:
        with Cassette.open(source) as cassette, CassetteWriter.create(draft, force=True) as file:
            for warning in cassette.warnings:
                report_line(warning)
            file.copy(redacted(cassette.records(), parse_rules(rules)))
        draft.replace(target)
    except OSError as error:
        raise CassetteError(f"{target}: cannot be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
