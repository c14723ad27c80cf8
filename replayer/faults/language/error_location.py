"""Finds the line of a user's own code that raised an error: it says more than a traceback through Chatreel's."""

from __future__ import annotations

import traceback


def where(error: Exception, file: str | None) -> str:
    """Return the place and message of an error: the last line in `file`, or else the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((frame for frame in reversed(frames) if frame.filename == file), frames[-1])
    return f"{frame.filename}, line {frame.lineno}: {type(error).__name__}: {error}"
