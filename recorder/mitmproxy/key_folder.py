"""Chooses the folder in which mitmproxy keeps the keys of its certificate authority."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from foundation.temporary_files import temporary_root

USUAL = "~/.mitmproxy"

AUTHORITY = "mitmproxy-ca.pem"


@contextlib.contextmanager
def key_folder(chosen: Path | None, *, needed: bool) -> Iterator[Path]:
    """Give the folder for the keys: the one that was chosen, else the usual one.

    mitmproxy cannot start without keys. Where the clients do not `need` them, because they speak plain HTTP with the
    proxy, a temporary folder does when the usual one cannot be used: there is no home, or it is read-only.
    """
    if chosen is not None:
        yield chosen
        return
    usual = Path(os.path.expanduser(USUAL))  # noqa: PTH111 - Path's own raises where there is no home
    if needed or usable(usual):
        yield usual
        return
    with tempfile.TemporaryDirectory(prefix="chatreel-keys-", dir=temporary_root()) as folder:
        yield Path(folder)


def usable(folder: Path) -> bool:
    """Return whether keys are in a folder, or can be put there; it is made if it does not exist."""
    if not folder.is_absolute():  # "~" could not be resolved
        return False
    if os.access(folder / AUTHORITY, os.R_OK):
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
