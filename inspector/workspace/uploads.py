"""The folder of the files that people bring along; it is made for the first, and goes with the inspector."""

from __future__ import annotations

import tempfile
from pathlib import Path


class Imports:
    """Places for files; `count` is how many were asked for."""

    def __init__(self) -> None:
        self.count = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def place(self, name: str) -> Path:
        """Where a file of this name can be written, in a folder of its own that only its owner reads."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="chatreel-")
        own = Path(self._folder.name, str(self.count))
        own.mkdir(mode=0o700)
        self.count += 1
        return own / name

    def close(self) -> None:
        """Remove them all."""
        if self._folder is not None:
            self._folder.cleanup()
