"""The options for how much a command says, and in which form: --quiet, --verbose and --json."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from foundation.errors import UsageError


def quiet(what: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """The option --quiet, which leaves out what the help text `what` says."""
    return click.option("--quiet", "-q", is_flag=True, help=f"Say less: {what}.")


def verbose(what: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """The option --verbose, which adds what the help text `what` says."""
    return click.option("--verbose", "-v", is_flag=True, help=f"Say more: {what}.")


def json_output(what: str) -> Callable[[click.decorators.FC], click.decorators.FC]:
    """The option --json, for what the help text `what` says."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print JSON: {what}.")


def check_volume(*, quiet: bool, verbose: bool) -> None:
    """Raise UsageError when both options are given."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other: leave one out")


def ready_line(text: str, fields: dict[str, Any], *, as_json: bool) -> str:
    """The line that a server prints when it listens: the text, or the fields as a JSON object."""
    return json.dumps({"event": "ready", **fields}) if as_json else text
