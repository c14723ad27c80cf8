"""`chatreel addon`: where the addons for a user's own mitmproxy are."""

from __future__ import annotations

import click

from chatreel.mitmdump import SCRIPTS


@click.command(name="addon")
@click.argument("name", type=click.Choice(sorted(SCRIPTS)))
def command(name: str) -> None:
    """Print the path of an addon for `mitmdump -s`: `record` records, `diff` compares with a cassette.

    mitmdump has to run in the environment in which Chatreel is installed.
    """
    print(SCRIPTS[name])
