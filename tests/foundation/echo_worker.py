"""A worker that sends back what it gets; `pid` asks for its process, and `end` ends it."""

from __future__ import annotations

import os
import sys

from foundation.processes import receive_frame, send_frame


def main() -> None:
    """Answer until stdin ends."""
    while (message := receive_frame(sys.stdin.buffer)) not in {None, b"end"}:
        assert message is not None
        send_frame(sys.stdout.buffer, str(os.getpid()).encode() if message == b"pid" else message)
