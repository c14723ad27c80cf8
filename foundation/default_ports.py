"""The ports on which the servers listen unless they are told otherwise.

They differ from each other, so that all of them run side by side, and macOS needs none of them itself, as it does 5000
and 7000.
"""

from __future__ import annotations

CHATBOT = 8100
"""The sample chatbot, and where a client looks for a chatbot."""

PROXY = 8101
"""The proxy that records."""

REPLAY = 8102
"""The replay server; its admin listener is on the next port."""

INSPECTOR = 8104
"""The inspector's page, when it has a server of its own."""


def on_loopback(port: int) -> str:
    """The address of a port on this machine, as HOST:PORT."""
    return f"127.0.0.1:{port}"
