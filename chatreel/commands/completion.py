"""`chatreel completion`: prints the script with which a shell completes Chatreel's commands, options and files."""

from __future__ import annotations

import click

from chatreel.cli.command_help import CommandWithExamples
from chatreel.cli.completion import SHELLS, script

EXAMPLES = """
eval "$(chatreel completion bash)"                                     # in ~/.bashrc, for bash 4.4 or newer
eval "$(chatreel completion zsh)"                                      # in ~/.zshrc, after compinit
chatreel completion fish > ~/.config/fish/completions/chatreel.fish
"""


@click.command(name="completion", cls=CommandWithExamples, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script with which a shell completes commands, options, samples and files."""
    print(script(shell))
