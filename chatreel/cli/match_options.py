"""The options for what of a request is compared: --match and --ignore."""

from __future__ import annotations

import click

MATCH = click.option(
    "--match",
    multiple=True,
    metavar="PART,...",
    help="What of a request is compared, of method, path, query, body and header:NAME; +PART adds and -PART takes"
    " away from the first four, which are the default (repeatable). exact: ids and times that are fresh on both sides"
    " are not equal.",
)

IGNORE = click.option(
    "--ignore",
    multiple=True,
    metavar="POINTER",
    help="Leave out a JSON pointer of the body, with * for any key or index, or query:NAME (repeatable).",
)
