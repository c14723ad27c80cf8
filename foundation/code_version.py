"""Tells whether what was saved was computed by the same code."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path


@functools.cache
def code_version(*packages: str) -> str:
    """Return a digest of the code of some packages, which differs once a module of theirs does.

    Modules are told apart by their sizes and times of change, because nobody waits for them to be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    for package in packages:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        for folder in spec.submodule_search_locations or ():
            for module in sorted(Path(folder).rglob("*.py")):
                status = module.stat()
                digest.update(
                    f"{module.relative_to(folder)}\0{status.st_size}\0{status.st_mtime_ns}\0".encode()
                )
    return digest.hexdigest()
