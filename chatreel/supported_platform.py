"""Where Chatreel runs. This module imports nothing but the standard library, and nothing that Windows lacks."""

from __future__ import annotations

import sys

SUPPORTED = ("linux", "darwin")
"""The values of `sys.platform` where it runs."""


def refusal(platform: str = sys.platform) -> str:
    """The line that says why Chatreel does not run on a platform, and what to do; "" where it runs."""
    if platform in SUPPORTED:
        return ""
    return f"Chatreel runs on Linux and macOS, and not on {platform}; on Windows, install and run it in WSL"
