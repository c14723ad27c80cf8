"""The documents say what is true: every option in them exists, every command and option is in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from chatreel.main import COMMANDS, chatreel
from chatreel.output.fault_help import POSITION
from comparison.result import ASPECTS
from comparison.rules.comparison_rules import Tolerance
from comparison.rules.noise_file import parse_noise
from replayer.faults.language.declared_parameters import parameters
from replayer.faults.language.plan import read_plan
from replayer.faults.language.registry import FAMILIES, family
from replayer.faults.language.registry import FAULTS as KNOWN
from replayer.faults.language.spec import parse
from tools.write_docs import FAULTS, REDACTION, TARGET, faults_page, page, redaction_page

ROOT = Path(__file__).parent.parent
FAULTS_PAGE = FAULTS.read_text(encoding="utf-8")
DIFF_PAGE = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
PLATFORM_PAGE = (ROOT / "docs" / "platform.md").read_text(encoding="utf-8")
REPLAY_PAGE = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8")
WRITTEN = {
    path: path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    if path not in {TARGET, ROOT / "docs" / "development.md"}
}
"""The pages that are written by hand for users, by their paths."""
PROSE = "\n".join(WRITTEN.values())
OF_OTHERS = {"--set", "--upstream-auth", "--proxy", "--proxy-server"}
"""Options of curl, Chrome and mitmdump that the recipes name."""


def options(name: str) -> set[str]:
    """The options of a command, and of those in it."""
    command = chatreel.get_command(click.Context(chatreel), name)
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    found = [parameter for one in (command, *inner) for parameter in one.params]
    return {option for parameter in found for option in parameter.opts} | {"--help"}


def command_lines() -> list[str]:
    """The lines of code in the pages that call chatreel, with their continuations."""
    code = re.findall(r"^```(?:sh|console|yaml)[^\n]*\n(.*?)^```", PROSE, re.MULTILINE | re.DOTALL)
    lines = "".join(code).replace("\\\n", " ").splitlines()
    found = (re.match(r"(?:\$ |- run: )?(chatreel [a-z].*)", line.strip()) for line in lines)
    return sorted({line[1] for line in found if line})


def test_the_page_of_all_commands_is_up_to_date():
    assert TARGET.read_text(encoding="utf-8") == page(), "run `make docs`"


def test_the_page_of_the_faults_is_up_to_date():
    assert faults_page() == FAULTS_PAGE, "run `make docs`"
    assert redaction_page() == REDACTION.read_text(encoding="utf-8"), "run `make docs`"


@pytest.mark.parametrize("name", [name for name in KNOWN if family(KNOWN[name]) in FAMILIES.values()])
def test_every_fault_is_on_its_page_with_all_that_it_takes(name):
    [row] = [line for line in FAULTS_PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    assert f"| `{KNOWN[name].example}`" in row.replace("\\|", "|")
    at_place = "(#where-in-an-answer)" in row
    for parameter in parameters(KNOWN[name]).values():
        key = f"`{parameter.name}={parameter.kind.name}`" if parameter.kind.name else f"`{parameter.name}`"
        elsewhere = parameter.is_limit or (at_place and parameter in POSITION)
        assert key in (FAULTS_PAGE if elsewhere else row.replace("\\|", "|"))


@pytest.mark.parametrize("line", sorted(set(re.findall(r"--fault '([^']+)'", PROSE))))
def test_every_fault_of_the_pages_is_one(line):
    assert line.startswith("shout") or parse(line)


def test_the_platforms_page_has_a_fault_of_each_family_and_each_is_played_to_its_page():
    rows = re.findall(r"^\| ([a-z ]*) \|[^|]*\| `([^`]+)` \|", PLATFORM_PAGE, re.MULTILINE)
    faults = [parse(line) for _, line in rows]
    families = [family(type(fault)) for fault in faults]
    assert [named or title for (named, _), title in zip(rows, families, strict=True)] == families
    assert list(dict.fromkeys(families)) == list(FAMILIES.values())
    tests = (ROOT / "tests" / "sample_platform" / "test_page.py").read_text(encoding="utf-8")
    assert [line for _, line in rows if line.partition(" set=")[0] not in tests] == []


@pytest.mark.parametrize(("page", "names"), [(REPLAY_PAGE, ["stall"]), (FAULTS_PAGE, ["delay", "status"])])
def test_a_plan_of_the_pages_is_one(tmp_path, page, names):
    [plan] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "plan.toml"
    path.write_text("\n".join(line.strip() for line in plan.splitlines()))
    assert [fault.called for fault in read_plan(path)] == names


def test_the_page_of_diff_tells_all_aspects_and_tolerances():
    rows = dict(re.findall(r"^\| `([a-z-]+)[^`]*` \| ([^|]*) \|", DIFF_PAGE, re.MULTILINE))
    assert set(rows) == {*ASPECTS, *Tolerance.__struct_fields__}
    defaults = {"text": "0.9", "number": "0", "heartbeats": "0.9", "timing": "2", "floor": "0.5 s"}
    shown = dict(re.findall(r"^\| `([a-z]+)=[^`]*` \| ([^|]*) \|", DIFF_PAGE, re.MULTILINE))
    assert {name: shown[name] for name in defaults} == defaults
    assert Tolerance() == Tolerance(text=0.9, number=0, heartbeats=0.9, timing=2, floor=500_000)
    [noise] = re.findall(r"```toml\n(.*?)```", DIFF_PAGE, re.DOTALL)
    assert [field.varies for field in parse_noise(noise, "the page").fields] == ["value", "text"]


def test_every_command_is_in_the_pages():
    assert [name for name in COMMANDS if f"chatreel {name}" not in PROSE] == []


@pytest.mark.parametrize("line", command_lines())
def test_every_option_of_a_command_in_the_pages_exists(line):
    _, name, *arguments = shlex.split(re.split(r" \| | && | \|\| |; ", line)[0], comments=True)
    used = {argument.partition("=")[0] for argument in arguments if argument.startswith("--")}
    assert used <= (options(name) if name in COMMANDS else {"--help"})


def test_every_option_in_the_prose_exists():
    known = set().union(*map(options, COMMANDS))
    mentioned = {found[1] for found in re.finditer(r"`(--[a-z][a-z-]+)", PROSE)}
    # The options of the pytest plugin are held to its page by its own tests.
    assert {option for option in mentioned if not option.startswith("--chatreel-")} <= known | OF_OTHERS


@pytest.mark.parametrize(
    ("folder", "target"),
    [
        (path.parent, target)
        for path, text in WRITTEN.items()
        for target in sorted(set(re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", text)))
    ],
)
def test_every_link_leads_somewhere(folder, target):
    assert (folder / target).exists()
