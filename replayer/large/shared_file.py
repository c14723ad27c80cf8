"""A file that hands bytes from one process to another: who needs it has it open before its name is removed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def shared_file() -> Iterator[Path]:
    """The path of an empty file, which is removed when the context ends.

    Open it to write with the mode "r+b": when the context has ended meanwhile, that makes no new file.
    """
    descriptor, path = tempfile.mkstemp(prefix="chatreel-")
    os.close(descriptor)
    try:
        yield Path(path)
    finally:
        Path(path).unlink()
