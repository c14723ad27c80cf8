"""Names lead to one place: no two files share a name, and no two classes, unless they are the same thing.

A module and a script of the page may share a name: they are the two sides of one thing.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = [
    ROOT / name for name in [*SETTINGS["tool"]["importlinter"]["root_packages"], "benchmarks", "tools"]
]
SUFFIXES = {".py", ".js"}

SAME_THING = {
    "__init__": "Python's own name",
    "__main__": "Python's own name",
    "server": "the server of its folder, which is what one looks for there",
    "view": "the script of a view, in the folder that is named after the view",
    "junit": "the results of its folder as JUnit XML",
}
"""File names that stand for the same thing wherever they are, with the reason."""

NAMED_AFTER_OTHERS = {
    "chatreel/commands": "a command has the name of what it runs or makes",
    "inspector/views": "a view has the name of what it shows",
    "addons": "an addon has the name of the command that does the same",
    "chatreel/mitmdump": "`chatreel addon NAME` prints the script of that name, which loads the addon",
    "sample_platform": "Django looks for a project's settings and urls by these names",
    "sample_platform/analytics": "Django looks for an application's urls and views by these names",
}
"""Folders whose files have the names of what they stand for elsewhere, with the reason."""


SAME_RECORD = {
    "ChatreelError": "what Chatreel refuses, in the test server and in a user's test",
    "JournalEntry": "an entry, in the replay and as a user's test reads it",
    "Neighbour": "as above",
    "RequestDifference": "as above",
    "ClientSession": "a client session, in the replay and as a user's test reads it",
}
"""Classes that `chatreel/testing` has once more, with the reason: a user's process cannot import those of a replay."""


def files() -> Iterator[Path]:
    """The scripts and modules of the repository, without what was built or installed."""
    for package in PACKAGES:
        for path in package.rglob("*"):
            inside = path.relative_to(ROOT)
            if path.suffix in SUFFIXES and not {"node_modules", "dist"} & set(inside.parts):
                yield inside


def shared(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The names that stand for more than one place, and the places."""
    places = defaultdict(list)
    for name, place in names:
        places[name].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def classes(path: Path) -> Iterator[str]:
    """The classes that a module defines at its top level."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return (node.name for node in tree.body if isinstance(node, ast.ClassDef))


def test_no_file_name_stands_for_two_things():
    names = [
        (path.name, str(path))
        for path in files()
        if path.stem not in SAME_THING and str(path.parent) not in NAMED_AFTER_OTHERS
    ]
    assert shared(names) == {}


def test_no_class_name_stands_for_two_things():
    modules = [path for path in files() if path.suffix == ".py"]
    found = shared((name, str(path)) for path in modules for name in classes(path))
    assert {name: paths for name, paths in found.items() if name not in SAME_RECORD} == {}
    assert {len(found[name]) for name in SAME_RECORD} == {2}


@pytest.mark.parametrize("name", SAME_THING)
def test_a_name_that_may_be_shared_is(name):
    assert len([path for path in files() if path.stem == name]) > 1


def test_every_command_has_its_own_module():
    listed = re.findall(
        r'^    "([a-z]+)":', (ROOT / "chatreel" / "main.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(listed) == {path.stem for path in files() if str(path.parent) == "chatreel/commands"} - {
        "__init__"
    }
