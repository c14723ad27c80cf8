"""What a command imports before it does anything: what it needs, and no more."""

from __future__ import annotations

import subprocess
import sys

import pytest

OWN = {
    "addons",
    "cassettes",
    "chatreel",
    "comparison",
    "foundation",
    "inspector",
    "platform_client",
    "recorder",
}
OWN |= {"replayer", "sample_chatbot", "sample_platform"}

REPLAY_NEEDS = {
    "ahocorasick_rs",
    "brotli",
    "cachetools",
    "click",
    "cython_runtime",  # of httptools
    "httptools",
    "msgspec",
    "multipart",
    "regex",
    "typing_extensions",
    "zstandard",
}
"""The packages of others that `chatreel replay` imports."""

LATER = [
    "comparison",
    "inspector",
    "cassettes.har",
    "cassettes.redaction.redactor",
    "chatreel.output",
    "recorder.recorder",
    "recorder.process",
    "replayer.admin",
    "replayer.faults.preview",
    *(f"replayer.faults.{family}" for family in ("before", "ending", "events", "jobs", "pace", "sessions")),
    "replayer.forwarding.forwarder",
    "replayer.matching.distance",
    "tornado",
]
"""What `chatreel replay` imports when it is needed."""


def imported(program: str) -> set[str]:
    """The modules that a program of a process of its own has imported in the end."""
    program = (
        "from chatreel import own_packages; own_packages.import_first()\n"
        f"{program}\nimport sys; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.fixture(scope="module")
def replay() -> set[str]:
    return imported("import chatreel.commands.replay")


def test_replay_imports_no_package_that_it_does_not_need(replay: set[str]) -> None:
    packages = {name.partition(".")[0] for name in replay if not name.startswith("_")}
    assert packages - sys.stdlib_module_names - OWN <= REPLAY_NEEDS


@pytest.mark.parametrize("name", LATER)
def test_replay_imports_what_few_need_when_it_is_needed(replay: set[str], name: str) -> None:
    assert {module for module in replay if f"{module}.".startswith(f"{name}.")} <= set()


def test_a_fault_imports_its_own_module_alone() -> None:
    found = imported("from replayer.faults.language.plan import plan_of; plan_of(['reset after-events=3'])")
    families = ("before", "ending", "events", "jobs", "pace", "sessions")
    modules = {
        name for name in found if name.startswith(tuple(f"replayer.faults.{one}." for one in families))
    }
    assert modules == {"replayer.faults.ending.reset"}


def test_the_help_imports_no_command() -> None:
    found = imported("from chatreel.main import run; run(['--help'])")
    assert {name for name in found if name.startswith("chatreel.commands.")} == set()
    assert "asyncio" not in found
