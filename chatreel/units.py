"""Sizes and times for a person."""

from __future__ import annotations


def bytes_of(count: int) -> str:
    """A size for a person: 512 B, 1.5 kB, 3.2 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def seconds_of(microseconds: int) -> str:
    """A time for a person: 312 us, 8.2 ms, 7.504 s."""
    if microseconds < 1000:
        return f"{microseconds} us"
    return (
        f"{microseconds / 1000:.1f} ms" if microseconds < 1_000_000 else f"{microseconds / 1_000_000:.3f} s"
    )
