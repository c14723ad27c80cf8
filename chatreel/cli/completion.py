"""Completes the words of a command line in bash, zsh and fish, with click's own scripts."""

from __future__ import annotations

import os

import click
from click.shell_completion import get_completion_class, shell_complete

PROGRAM = "chatreel"

VARIABLE = "_CHATREEL_COMPLETE"
"""The environment variable in which a shell's script asks for completions."""

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """The script that a shell of SHELLS runs, so that it asks this program for completions."""
    completing = get_completion_class(shell)
    assert completing is not None
    return completing(click.Command(PROGRAM), {}, PROGRAM, VARIABLE).source()


def completions_printed(program: click.Command) -> bool:
    """Print the completions that a shell's script asks for; returns whether it is one that asks."""
    asked = os.environ.get(VARIABLE)
    if not asked:
        return False
    shell_complete(program, {}, PROGRAM, VARIABLE, asked)
    return True
