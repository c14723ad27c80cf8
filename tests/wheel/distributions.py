"""Builds what is published, and says what has to be in it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
PACKAGES = [name for name in SETTINGS["importlinter"]["root_packages"] if name != "chatreel"]
"""The packages of the repository beside `chatreel`."""


def built(target: str, folder: Path, source: Path = ROOT) -> Path:
    """The "wheel" or the "sdist" of a source tree, built into an empty folder without the network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    [found] = folder.glob("chatreel-*")
    return found


def repository_files(*folders: str) -> set[str]:
    """The files of the repository below some folders, or all: those that git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {name for name in listed.split("\0") if (ROOT / name).is_file()}
