"""`chatreel addon`: where the addons for a user's own mitmproxy are."""

from __future__ import annotations

import click

from chatreel.cli.command_help import CommandWithExamples
from chatreel.mitmdump import SCRIPTS

EXAMPLES = """
mitmdump -s "$(chatreel addon record)" --mode reverse:http://127.0.0.1:8100 --set chatreel_out=incident.jsonl
mitmdump -s "$(chatreel addon diff)" --mode reverse:http://127.0.0.1:8100 --set chatreel_compare=incident.jsonl
"""


@click.command(cls=CommandWithExamples, examples=EXAMPLES, name="addon")
@click.argument("name", type=click.Choice(sorted(SCRIPTS)))
def command(name: str) -> None:
    """Print the path of an addon for `mitmdump -s`: `record` records, `diff` compares with a cassette.

    mitmdump has to run in the environment in which Chatreel is installed.
    """
    print(SCRIPTS[name])
