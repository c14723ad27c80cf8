"""Records what passes through a user's mitmdump: `mitmdump -s "$(chatreel addon record)"`."""

from __future__ import annotations

from chatreel import own_packages

own_packages.import_first()

from addons.record import addons  # noqa: E402 - found by the line above

__all__ = ["addons"]
