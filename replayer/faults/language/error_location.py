"""Where in a file an error came up: in a user's own code, a line says more than a traceback through ours."""

from __future__ import annotations

import traceback


def where(error: Exception, file: str | None) -> str:
    """The last line of a file on the way to an error, or else the line that raised it; and what it says."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((frame for frame in reversed(frames) if frame.filename == file), frames[-1])
    return f"{frame.filename}, line {frame.lineno}: {type(error).__name__}: {error}"
