"""The documents say what is true: every option in them exists, every command and option is in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from chatreel.main import COMMANDS, chatreel
from tools.write_docs import TARGET, page

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def options(name: str) -> set[str]:
    command = chatreel.get_command(click.Context(chatreel), name)
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


def command_lines() -> list[str]:
    """The lines of the README that call chatreel, with their continuations."""
    text = README.replace("\\\n", " ")
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ chatreel ")]


def test_the_page_of_all_commands_is_up_to_date():
    assert TARGET.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_command_is_in_the_readme():
    assert [
        name for name in COMMANDS if f"chatreel {name}" not in README and f"make {name}" not in README
    ] == []


@pytest.mark.parametrize("line", command_lines())
def test_every_option_of_a_command_in_the_readme_exists(line):
    _, name, *arguments = shlex.split(line.partition(" | ")[0], comments=True)
    used = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
    assert used <= (options(name) if name in COMMANDS else {"--help"})


def test_every_option_in_the_prose_exists():
    known = set().union(*map(options, COMMANDS))
    mentioned = {found[1] for found in re.finditer(r"`(--[a-z-]+)", README)}
    # The options of the pytest plugin are held to the README by its own tests.
    assert {option for option in mentioned if not option.startswith("--chatreel-")} <= known


@pytest.mark.parametrize("target", re.findall(r"\]\(([^):]+)\)", README))
def test_every_link_leads_somewhere(target):
    assert (ROOT / target).exists()
