"""The help of every command: its options in groups, and examples that can be pasted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from chatreel.cli.command_help import HelpLayout
from chatreel.main import CHAPTERS, COMMANDS, chatreel, run


def laid_out() -> Iterator[tuple[str, HelpLayout]]:
    """Every command by its words, the program and the commands within commands included."""
    assert isinstance(chatreel, HelpLayout)
    yield "chatreel", chatreel
    for name in COMMANDS:
        command = chatreel.get_command(click.Context(chatreel), name)
        assert isinstance(command, HelpLayout), name
        yield f"chatreel {name}", command
        for inner, found in getattr(command, "commands", {}).items():
            assert isinstance(found, HelpLayout), inner
            yield f"chatreel {name} {inner}", found


EVERY = dict(laid_out())


@pytest.mark.parametrize("words", EVERY)
def test_every_help_has_two_examples_that_call_it(words: str) -> None:
    examples = EVERY[words].examples
    assert len(examples) >= 2
    assert all(words in line for line in examples)


@pytest.mark.parametrize("line", sorted({line for command in EVERY.values() for line in command.examples}))
def test_every_example_is_one_that_the_command_takes(line: str) -> None:
    found = [
        word.rstrip(")") for word in shlex.split(line.replace('"$(', "").replace(')"', ""), comments=True)
    ]
    words = found[found.index("chatreel") + 1 :]
    words = words[
        : next((place for place, word in enumerate(words) if word in {"|", ">", "--mode"}), len(words))
    ]
    command = EVERY[f"chatreel {words[0]}"]
    if isinstance(command, click.Group) and words[1:2] == ["explain"]:
        words, command = words[1:], EVERY[f"chatreel {words[0]} explain"]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("words", EVERY)
def test_every_option_is_in_one_group(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = EVERY[words]
    grouped = [name for names in command.groups.values() for name in names]
    assert len(grouped) == len(set(grouped))
    assert run([*words.split()[1:], "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = "|".join(map(re.escape, parameter.opts))
            assert len([line for line in lines if re.match(f"  ({names})[ ,]", line)]) == 1


@pytest.mark.parametrize("words", EVERY)
def test_a_help_of_many_options_has_groups(words: str) -> None:
    assert len(EVERY[words].params) <= 10 or EVERY[words].groups


def test_every_command_is_in_one_chapter() -> None:
    assert sorted(name for names in CHAPTERS.values() for name in names) == sorted(COMMANDS)
