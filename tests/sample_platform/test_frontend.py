"""The page's sources: their types, their own tests, and that what is committed is what they build."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "sample_platform"
SOURCES = FOLDER / "frontend"
BUILT = FOLDER / "analytics" / "static" / "analytics"

pytestmark = pytest.mark.skipif(
    not (SOURCES / "node_modules").exists(), reason="needs the page's packages: make test installs them"
)


def npm(*arguments: str) -> None:
    """Run npm, of PyPI's Node, in the page's folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["npm", *arguments],
        cwd=SOURCES,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_fresh_build_gives_what_is_committed(tmp_path: Path) -> None:
    npm("run", "build", "--", "--outDir", str(tmp_path))
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(built) == {"assistant.js", "assistant.css", "assistant.licenses.md"}
    assert {name: (BUILT / name).read_bytes() for name in built} == built, "run `make platform-page`"


def test_the_types_are_right() -> None:
    npm("run", "check")


def test_the_modules_keep_their_promises() -> None:
    npm("test")


def test_no_lock_names_a_registry() -> None:
    locks = [SOURCES / "package-lock.json", *(FOLDER.parent / "requirements").glob("*.txt")]
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "resolved" not in text
        assert "registry" not in text
        assert "--index-url" not in text
