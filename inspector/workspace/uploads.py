"""The temporary folder of imported files: it is made for the first of them, and removed with the inspector."""

from __future__ import annotations

import tempfile
from pathlib import Path

from foundation.temporary_files import temporary_root


class UploadFolder:
    """Paths for imported files; `count` is how many were given out."""

    def __init__(self) -> None:
        self.count = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def new_path(self, name: str) -> Path:
        """A path for a file of this name, in a new folder that only its owner can read."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="chatreel-", dir=temporary_root())
        own = Path(self._folder.name, str(self.count))
        own.mkdir(mode=0o700)
        self.count += 1
        return own / name

    def close(self) -> None:
        """Remove all imported files."""
        if self._folder is not None:
            self._folder.cleanup()
