"""The page's sources: their types, their own tests, and that what is committed is what they build."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "sample_platform"
SOURCES = FOLDER / "frontend"
BUILT = FOLDER / "analytics" / "static" / "analytics"

PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""Where Node is: PyPI's, or the machine's."""


def npm(*arguments: str) -> None:
    """Run npm in the page's folder."""
    done = subprocess.run(
        ["npm", *arguments],
        cwd=SOURCES,
        env={**os.environ, "PATH": PATH},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    """The packages that the page is built with, installed once by whichever process of the tests comes first."""
    if shutil.which("npm", path=PATH) is None:
        pytest.skip("needs Node: install requirements/dev.txt")
    lock = SOURCES / "package-lock.json"
    installed = SOURCES / "node_modules" / ".stamp"
    with lock.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            npm("ci")
            installed.touch()


def test_a_fresh_build_gives_what_is_committed(tmp_path: Path) -> None:
    npm("run", "build", "--", "--outDir", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(built) == {"assistant.js", "assistant.css", "assistant.licenses.md"}
    assert {name: (BUILT / name).read_bytes() for name in built} == built, "run `make platform-page`"


def test_the_types_are_right() -> None:
    npm("run", "check")


def test_the_modules_keep_their_promises() -> None:
    npm("test")
