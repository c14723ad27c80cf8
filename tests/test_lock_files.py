"""What locks the packages that Chatreel is made with: hashes, and no address that they were fetched from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.wheel.distributions import ROOT, repository_files

FILES = sorted(repository_files("*package-lock.json", "requirements/*.txt"))
PYTHON = [name for name in FILES if name.endswith(".txt")]
NODE = [name for name in FILES if name.endswith(".json")]

ADDRESS = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|file:")


def node_packages(name: str) -> dict[str, dict[str, object]]:
    """The packages of a lock file by their paths, without where to pay for them."""
    packages = json.loads(Path(ROOT, name).read_text(encoding="utf-8"))["packages"]
    own = packages.pop("")
    assert own["name"]
    return {
        path: {key: value for key, value in package.items() if key != "funding"}
        for path, package in packages.items()
    }


def test_all_of_them_are_found() -> None:
    assert set(PYTHON) >= {f"requirements/{name}.txt" for name in ("runtime", "platform", "dev")}
    assert set(NODE) >= {
        f"{folder}/package-lock.json" for folder in ("sample_platform/frontend", "tools/page_checks")
    }


@pytest.mark.parametrize("name", PYTHON)
def test_a_lock_of_python_packages_has_hashes_and_no_address(name: str) -> None:
    text = Path(ROOT, name).read_text(encoding="utf-8").replace("\\\n", " ")
    assert ADDRESS.findall(text) == []
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert packages
    assert [line for line in packages if not re.match(r"[\w.\[\],-]+==\S+ .*--hash=sha256:", line)] == []


@pytest.mark.parametrize("name", NODE)
def test_a_lock_of_node_packages_has_hashes_and_no_address(name: str) -> None:
    packages = node_packages(name)
    assert packages
    assert ADDRESS.findall(json.dumps(packages)) == []
    assert [path for path, package in packages.items() if "integrity" not in package] == []
