"""Faults of a user's own, from files and modules."""

from __future__ import annotations

import re
import sys

import pytest

from foundation.errors import UsageError
from replayer.faults.language.registry import FAULTS, check, family, load
from replayer.faults.language.spec import parse

SOURCE = """
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from replayer.faults.fault import Fault
from replayer.faults.parameter_types import {kind} as Kind


@dataclass(frozen=True, kw_only=True)
class Own(Fault):
    called = "{name}"
    example = "{name} so=1"
    so: Annotated[Kind, "so"]

    def begin(self, context):
        return lambda step: (step,)
"""


@pytest.fixture
def module(tmp_path):
    """Writes a module with one fault; what it brings is forgotten afterwards."""
    before = set(FAULTS)

    def write(folder, name="own-fault", kind="Number"):
        path = tmp_path / folder / "own.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(SOURCE.format(name=name, kind=kind))
        return str(path)

    yield write
    FAULTS.forget(set(FAULTS) - before)


def test_a_file_can_be_named_more_than_once(module):
    path = module("a")
    assert load(path) == load(path) == ["own-fault"]
    assert parse("own-fault so=1").so == 1
    assert family(FAULTS["own-fault"]) == "your own"
    assert [*FAULTS][-1] == "own-fault"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_comes_with_chatreel_is_in_the_module_of_its_name(name):
    fault = FAULTS[name]
    check(fault)
    assert fault.called == name
    assert fault.__module__.rpartition(".")[2] == name.replace("-", "_")


@pytest.mark.parametrize(
    "name", ["", "fault", "event-fault", "os", "language.plan", "../reset", "reset.py", "RESET"]
)
def test_what_is_no_fault(name):
    assert name not in FAULTS
    assert FAULTS.get(name) is None


def test_files_of_one_name_are_two_modules(module):
    load(module("a", "own-a", "Number"))
    load(module("b", "own-b", "Text"))
    assert (parse("own-a so=1").so, parse("own-b so=1").so) == (1, "1")


@pytest.mark.parametrize("name", ["reset", "own-fault"])
def test_a_name_that_is_taken(module, name):
    load(module("a"))
    with pytest.raises(UsageError, match=rf"own\.py: there is a fault '{name}' already$"):
        load(module("b", name))
    assert FAULTS["reset"].__module__ == "replayer.faults.ending.reset"


def test_a_file_that_raised_is_read_again(module, tmp_path):
    path = module("a", kind="NoSuchKind")
    with pytest.raises(UsageError, match=r"own\.py: cannot import name 'NoSuchKind'"):
        load(path)
    assert not any(name.endswith(path) for name in sys.modules)
    module("a")
    assert load(path) == ["own-fault"]


def test_a_parameter_of_no_kind_is_told_at_once(module, tmp_path):
    path = tmp_path / "plain.py"
    path.write_text(SOURCE.format(name="plain", kind="Number").replace("Annotated[Kind", "Annotated[bytes"))
    with pytest.raises(UsageError, match=r"plain\.py: .*is no kind of parameter"):
        load(str(path))
    assert "plain" not in FAULTS


@pytest.mark.parametrize(
    ("left_out", "expected"),
    [
        (
            "@dataclass(frozen=True, kw_only=True)\n",
            "needs @dataclass(frozen=True, kw_only=True) above its class",
        ),
        ('    example = "own so=1"\n', "needs an example"),
        (
            "    def begin(self, context):\n        return lambda step: (step,)\n",
            "needs a begin(self, context)",
        ),
    ],
)
def test_what_a_fault_lacks_is_told_at_once(module, tmp_path, left_out, expected):
    whole, path = SOURCE.format(name="own", kind="Number"), tmp_path / "lacking.py"
    assert left_out in whole
    path.write_text(whole.replace(left_out, ""))
    with pytest.raises(UsageError, match=re.escape(f"lacking.py: fault 'own' {expected}")):
        load(str(path))
    assert "own" not in FAULTS


def test_a_module_that_fails_names_its_line(tmp_path):
    path = tmp_path / "failing.py"
    path.write_text("import json\n\njson.loads('x')\n")
    with pytest.raises(UsageError, match=re.escape(f"{path}, line 3: JSONDecodeError: ")):
        load(str(path))
