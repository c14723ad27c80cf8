"""A user's project that has packages named like each of Chatreel's, and tests of its own that use the fixture."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tests.wheel.distributions import PACKAGES

TESTS = """
import importlib
import sys

import pytest
import requests

PACKAGES = {packages}


@pytest.mark.chatreel("health")
def test_a_replay(chatreel):
    assert requests.get(chatreel.url + "/health", timeout=10).json()["status"] == "healthy"
    chatreel.assert_all_played()


@pytest.mark.chatreel("new.jsonl", upstream="{chatbot}")
def test_a_recording(chatreel):
    assert requests.get(chatreel.url + "/health", timeout=10).status_code == 200


@pytest.mark.chatreel("health", fault_module="own_fault.py", faults=["teapot"])
def test_a_fault_of_ones_own(chatreel):
    assert requests.get(chatreel.url + "/health", timeout=10).status_code == 418


@pytest.mark.parametrize("name", PACKAGES)
def test_the_names_are_the_projects(chatreel, name):
    chatreel.replay("health")
    assert importlib.import_module(name + ".mine").OWNER == "the project"
    assert {{module for module in sys.modules if module.partition(".")[0] == name}} == {{name, name + ".mine"}}
"""

COUNT = 3 + len(PACKAGES)
"""How many tests these are."""

FAULT = '''
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from replayer.faults.context import FaultContext
from replayer.faults.fault import Fault, Step, Transform
from replayer.schedule.actions import Head


@dataclass(frozen=True, kw_only=True)
class Teapot(Fault):
    """The status is 418."""

    called = "teapot"
    example = "teapot path=/a"

    def begin(self, context: FaultContext) -> Transform:
        def feed(step: Step) -> Iterator[Step]:
            yield msgspec.structs.replace(step, status=418) if isinstance(step, Head) else step

        return feed
'''


def write_project(folder: Path, *, initialised: Iterable[str], chatbot: str) -> None:
    """Write the project, whose packages have an `__init__.py` where they are `initialised`; it records a chatbot."""
    for name in PACKAGES:
        (folder / name).mkdir()
        (folder / name / "mine.py").write_text('OWNER = "the project"\n')
    for name in initialised:
        (folder / name / "__init__.py").touch()
    (folder / "conftest.py").touch()  # pytest puts its folder on the path
    (folder / "own_fault.py").write_text(FAULT)
    (folder / "test_it.py").write_text(TESTS.format(packages=PACKAGES, chatbot=chatbot))


def user_environment() -> dict[str, str]:
    """The environment variables of a user, who has none of this test run's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
