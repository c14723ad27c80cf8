"""Compares what passes through a user's mitmdump with a cassette: `mitmdump -s "$(chatreel addon diff)"`."""

from __future__ import annotations

from chatreel import own_packages

own_packages.import_first()

from addons.diff import addons  # noqa: E402 - found by the line above

__all__ = ["addons"]
