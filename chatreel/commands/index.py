"""`chatreel index`: makes or removes the saved index of a cassette."""

from __future__ import annotations

from pathlib import Path

import click

from cassettes.file import saved_index
from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.common_options import CASSETTE
from chatreel.cli.match_options import IGNORE, MATCH
from foundation.errors import UsageError
from replayer.matching.options import parse_match
from replayer.selection.matched_recordings import make_index

EXAMPLES = """
chatreel index incident.jsonl
chatreel index incident.jsonl --clear
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES)
@click.argument("files", metavar="FILE...", type=CASSETTE, nargs=-1, required=True)
@MATCH
@IGNORE
@click.option("--clear", is_flag=True, help="Remove the index instead.")
def command(*, files: tuple[Path, ...], match: tuple[str, ...], ignore: tuple[str, ...], clear: bool) -> None:
    """Save the index of a cassette, with which replay, show, diff, inspect and convert need not read all of it.

    `chatreel replay` does the same in the background, for a cassette of 4 MiB and more. An index is beside its
    cassette or, where that folder cannot be written, in the user's cache; it is used only for the file that it was
    made of. A replay finds the requests in one that was made with the same --match and --ignore.
    """
    if clear and (match or ignore):
        raise UsageError("--clear removes the whole index: leave out --match and --ignore")
    rules = parse_match(match, ignore)
    for file in files:
        if not clear:
            print(make_index(file, rules))
            continue
        for place in saved_index.clear(file):
            print(f"removed {place}")
