"""The newcomer's guide says what is true: its picture has every folder, its walks name what exists and leads on."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
PICTURE = re.search(r"^## The house$.*?^```\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
WALKS = re.findall(
    r"^### (\w[^\n]*)\n(.*?)(?=^##)", GUIDE.partition("\n## Three walks\n")[2], re.DOTALL | re.MULTILINE
)
NAME = re.compile(r"`([a-z_0-9]+(?:\.[a-z_0-9]+)+):([A-Za-z_.0-9]+)`")
UNLISTED = {"tests"}
"""Folders whose own folders mirror the others."""


def drawn() -> set[str]:
    """The folders of the picture, by their paths."""
    assert PICTURE
    found: list[str] = []
    path: list[str] = []
    for line in PICTURE[1].splitlines():
        indent, name = re.match(r"( *)([a-z0-9_]+)/ ", line).groups()  # type: ignore[union-attr]  # no such line fails
        path[len(indent) // 2 :] = [name]
        found.append("/".join(path))
    assert len(found) == len(set(found))
    return set(found)


def folders() -> set[str]:
    """The folders of the repository that hold Python modules, or ES modules of several views."""
    packages = {file.parent for file in ROOT.glob("*/**/__init__.py")}
    scripts = {file.parent for file in (ROOT / "inspector" / "static").glob("*/*.js")}
    above = {parent for folder in packages | scripts for parent in folder.parents if ROOT in parent.parents}
    found = {str(folder.relative_to(ROOT)) for folder in packages | scripts | above}
    return {
        folder for folder in found if not folder.startswith((".", "build", *(f"{one}/" for one in UNLISTED)))
    }


def resolve(module: str, name: str) -> object:
    """What a name of the guide stands for; raises ImportError or AttributeError."""
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def source(module: str) -> str:
    found = importlib.import_module(module)
    assert isinstance(found, ModuleType)
    return inspect.getsource(found)


def mentions(text: str, name: str) -> bool:
    """Whether a module's text has a name's last part as a word, or its class where calling that is the use."""
    owner, _, last = name.rpartition(".")
    words = {owner if last == "__call__" else last}
    return any(re.search(rf"\b{word}\b", text) for word in words)


def test_the_picture_has_every_folder_and_no_other():
    assert folders() <= drawn()
    assert [folder for folder in sorted(drawn()) if not (ROOT / folder).is_dir()] == []


def test_there_are_three_walks_whose_steps_all_name_code():
    assert len(WALKS) == 3
    for _, text in WALKS:
        steps = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]
        assert len(steps) >= 5
        assert all(NAME.search(step) for step in steps)


@pytest.mark.parametrize(("module", "name"), NAME.findall(GUIDE))
def test_every_name_of_the_guide_exists(module, name):
    resolve(module, name)


@pytest.mark.parametrize("walk", [text for _, text in WALKS], ids=[title for title, _ in WALKS])
def test_each_name_of_a_walk_is_used_where_the_walk_has_been(walk):
    names = NAME.findall(walk)
    for place, (_, name) in enumerate(names[1:], 1):
        visited = {before for before, _ in names[:place]}
        assert any(mentions(source(before), name) for before in visited), f"nothing before leads to {name}"


@pytest.mark.parametrize("folder", ["tests/end_to_end", "tests/scenarios"])
def test_the_folders_of_tests_that_it_names_exist(folder):
    assert folder.rpartition("/")[2] in GUIDE
    assert (ROOT / folder).is_dir()


def test_the_glossary_has_each_word_once():
    table = GUIDE.partition("\n## The glossary\n")[2].partition("\n### ")[0]
    words = re.findall(r"^\| ([a-z][^|]*) \|", table, re.MULTILINE)[1:]
    assert len(words) == len(set(words)) > 20
