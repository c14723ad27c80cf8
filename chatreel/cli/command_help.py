"""Commands whose help has the options in groups and ends with examples, and errors that say where that help is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import click


class HelpLayout(click.Command):
    """Lays out the help of a command: options by `groups`, which map a title to names of options; then `examples`.

    Options that are in no group come last, under the title "Other options", or "Options" when there are no groups.
    """

    def __init__(
        self, *args: Any, groups: Mapping[str, Sequence[str]] | None = None, examples: str, **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self.groups = groups or {}
        self.examples = examples.strip().splitlines()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each group, and one for the rest."""
        rest = {name: parameter for parameter in self.get_params(ctx) for name in parameter.opts[:1]}
        for title, names in self.groups.items():
            write_options(title, [rest.pop(name) for name in names], ctx, formatter)
        write_options("Other options" if self.groups else "Options", [*rest.values()], ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples as they are, without wrapping, so that they can be pasted."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class CommandWithExamples(HelpLayout):
    """A command with such a help."""


class GroupWithExamples(HelpLayout, click.Group):
    """A group of commands with such a help; the commands come between options and examples."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


def write_options(
    title: str, options: Sequence[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter
) -> None:
    """Write a section of options; arguments and hidden options have no record and are left out."""
    records = [record for option in options if (record := option.get_help_record(ctx)) is not None]
    if records:
        with formatter.section(title):
            formatter.write_dl(records)


SAYS_WHAT_TO_DO = re.compile(r"; |: did you mean |Did you mean | is not one of | is not in the range ")
"""What is in a message that does not need the help."""


def with_next_step(error: click.ClickException) -> str:
    """The message of an error on one line; where it does not say what to do, it names the help."""
    message = " ".join(error.format_message().split())
    if SAYS_WHAT_TO_DO.search(message) or not isinstance(error, click.UsageError) or error.ctx is None:
        return message
    return f"{message.removesuffix('.')}; {error.ctx.command_path} --help shows what it takes"
