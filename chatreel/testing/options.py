"""The options of `chatreel replay` as keyword arguments: the command's own parser reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from cassettes.errors import UsageError
from chatreel.commands.replay import command, manners
from chatreel.main import chatreel
from replayer.pace import Pace
from replayer.server import Settings

ELSEWHERE = frozenset(
    {"files", "listen", "admin", "admin_token", "on_miss", "upstream", "upstream_ca", "rules"}
)
"""Parameters of the command that are no test's: it takes a free port, and the test run says what is recorded."""

MANNERS = ("seed", "tokens", "after_last", "polls", "lost_session", "match", "ignore")
"""The options that say how clients are treated."""

DEFAULTS = {"speed": "max"}
"""Where tests are better off with something else: they need the order of things, not the waiting."""


def settings_of(options: Mapping[str, object]) -> Settings:
    """The settings of a replay server for a test; raises UsageError."""
    known = {parameter.name for parameter in command.params} - ELSEWHERE
    for name in options:
        if name not in known:
            raise UsageError(
                f"there is no option {name!r}: write one of {', '.join(sorted(map(str, known)))}"
            )
    try:
        # As under the group: click keeps the names of the help option that the first context has.
        group = click.Context(chatreel, **chatreel.context_settings)
        given = list(arguments({**DEFAULTS, **options}))
        with command.make_context("replay", given, parent=group) as context:
            chosen = context.params
    except click.UsageError as error:
        raise UsageError(error.format_message()) from None
    return Settings(
        listen=("127.0.0.1", 0),
        admin=None,
        pace=Pace(speed=chosen["speed"], max_gap=chosen["max_gap"]),
        manners=manners(*(chosen[name] for name in MANNERS)),
    )


def arguments(options: Mapping[str, object]) -> Iterator[str]:
    """The command line that says the same; an option of a list is repeated, and one of None is left out."""
    for name, value in options.items():
        values = value if isinstance(value, list | tuple) else [value]
        yield from (f"--{name.replace('_', '-')}={one}" for one in values if one is not None)
