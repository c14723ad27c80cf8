"""Why the inspector cannot give what was asked for."""

from __future__ import annotations


class Missing(Exception):
    """What is asked for is not there; the message is for a person to read."""


class TooLarge(Exception):
    """What is asked for is more than is done at once; the message is for a person to read."""
