"""Finds Chatreel's packages (`foundation`, `cassettes`, ...) for a process of Chatreel's own.

A wheel has them below `chatreel/_packages`, so that site-packages gains the one name `chatreel`; in the repository they
lie beside `chatreel/`. Only processes of Chatreel's own put that folder on their path: a user's process must find the
user's packages by names like `recorder`. This module imports nothing but the standard library.
"""

from __future__ import annotations

import sys
from pathlib import Path

BUNDLED = Path(__file__).parent / "_packages"
FOLDER = str(BUNDLED if BUNDLED.is_dir() else Path(__file__).parents[1])
"""The folder that holds the packages."""


def import_first() -> None:
    """Make this process import Chatreel's packages before all others of the same names."""
    if sys.path[:1] != [FOLDER]:
        sys.path.insert(0, FOLDER)
