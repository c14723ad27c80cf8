"""Sizes and times in units that a person reads easily."""

from __future__ import annotations


def bytes_of(count: int) -> str:
    """A number of bytes as text: 512 B, 1.5 kB, 3.2 MB."""
    if count < 1000:
        return f"{count} B"
    if count < 999_950:  # which would read 1000.0 kB
        return f"{count / 1000:.1f} kB"
    return f"{count / 1_000_000:.1f} MB"


def seconds_of(microseconds: int) -> str:
    """A number of microseconds as text: 312 us, 8.2 ms, 7.504 s."""
    if abs(microseconds) < 1000:
        return f"{microseconds} us"
    if abs(microseconds) < 999_950:  # which would read 1000.0 ms
        return f"{microseconds / 1000:.1f} ms"
    return f"{microseconds / 1_000_000:.3f} s"
