"""Where temporary files go."""

from __future__ import annotations

import tempfile

from foundation.errors import UsageError


def temporary_root() -> str:
    """Return the folder for temporary files. Raises UsageError when none of the usual ones can be written."""
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        raise UsageError(
            "no folder can hold temporary files: set TMPDIR to one that can be written"
        ) from None
