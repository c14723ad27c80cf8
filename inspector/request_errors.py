"""Errors of the inspector's views, which its API answers with a status of their own."""

from __future__ import annotations


class Missing(Exception):
    """There is no such exchange, session, job or moment: 404. The message is for a person to read."""


class TooLarge(Exception):
    """The request needs more work than is done at once: 413. The message is for a person to read."""
