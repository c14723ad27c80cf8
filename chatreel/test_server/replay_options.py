"""The options of `chatreel replay` as keyword arguments: the command's own parser reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from chatreel.commands.replay import command, replay_options
from chatreel.main import chatreel
from chatreel.test_server.cassette_lookup import beside
from foundation.errors import UsageError
from replayer.schedule.pace import Pace
from replayer.server import ReplaySettings

ELSEWHERE = frozenset(
    {"files", "listen", "tls", "ca_dir", "tls_cert", "tls_key", "admin", "admin_token"}
    | {"on_miss", "upstream", "upstream_ca", "rules", "as_json", "quiet", "verbose"}
)
"""Parameters of the command that are no test's: it takes a free port, and the test run says what is recorded."""

REPLAY_OPTIONS = (
    *("seed", "tokens", "after_last", "polls", "lost_session", "resume", "cors", "match", "ignore"),
    *("fault", "faults", "allow_fault_header"),
)
"""The options that say how clients are treated."""

DEFAULTS = {"speed": "max"}
"""Where tests are better off with something else: they need the order of things, not the waiting."""

FILES = {"faults": ".toml", "fault_module": ".py"}
"""Options that can name a file, and how it then ends."""


def settings_of(options: Mapping[str, object], folders: Sequence[Path] = ()) -> ReplaySettings:
    """The settings of a replay server for a test; relative paths count from the first folder that has them.

    `faults` can be a list of faults as well as a file. Raises UsageError.
    """
    known = {parameter.name for parameter in command.params} - ELSEWHERE
    for name in options:
        if name not in known:
            raise UsageError(
                f"there is no option {name!r}: write one of {', '.join(sorted(map(str, known)))}"
            )
    try:
        # As under the group: click keeps the names of the help option that the first context has.
        group = click.Context(chatreel, **chatreel.context_settings)
        given = list(arguments(as_given({**DEFAULTS, **options}, folders)))
        with command.make_context("replay", given, parent=group) as context:
            chosen = context.params
    except click.UsageError as error:
        raise UsageError(error.format_message()) from None
    return ReplaySettings(
        listen=("127.0.0.1", 0),
        admin=None,
        pace=Pace(speed=chosen["speed"], max_gap=chosen["max_gap"]),
        options=replay_options(*(chosen[name] for name in REPLAY_OPTIONS)),
    )


def as_given(options: Mapping[str, object], folders: Sequence[Path]) -> Iterator[tuple[str, object]]:
    """The options as the command has them."""
    for name, value in options.items():
        if name == "faults" and isinstance(value, list | tuple):
            yield "fault", value
        elif folders and name in FILES and str(value).endswith(FILES[name]):
            yield name, beside(str(value), folders)
        else:
            yield name, value


def arguments(options: Iterable[tuple[str, object]]) -> Iterator[str]:
    """The command line that says the same.

    An option of a list is repeated, one of None or False is left out, and one of True needs no value.
    """
    for name, value in options:
        option = f"--{name.replace('_', '-')}"
        for one in value if isinstance(value, list | tuple) else [value]:
            if one is not None and one is not False:
                yield option if one is True else f"{option}={one}"
