"""Prints rows for a pipe: the cells of a row are separated by tabs, and nothing is padded or cut.

A cell holds no tab and no line end of its own, because whatever is not printable is escaped before (`printable`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def print_rows(rows: Iterable[Sequence[str]]) -> None:
    """Print each row on a line."""
    for row in rows:
        print("\t".join(row))
