"""Writes docs/commands.md from the commands' own help: `make docs`."""

from __future__ import annotations

from pathlib import Path

import click

from chatreel.main import COMMANDS, chatreel

TARGET = Path(__file__).parent.parent / "docs" / "commands.md"
WIDTH = 110


def page() -> str:
    """The whole page."""
    parts = ["# All commands\n\nWritten by `make docs` from the commands' own help.\n"]
    group = click.Context(chatreel, info_name="chatreel", **chatreel.context_settings)
    for name in COMMANDS:
        command = chatreel.get_command(group, name)
        assert command is not None
        context = click.Context(
            command, info_name=name, parent=group, terminal_width=WIDTH, max_content_width=WIDTH
        )
        parts.append(f"\n## chatreel {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
