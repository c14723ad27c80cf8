"""Short digests of texts: the same in every process, unlike `hash`, and small enough to keep many of them."""

from __future__ import annotations

import hashlib
from typing import NewType

Digest = NewType("Digest", int)
"""Stands for a text: 64 bits of its BLAKE2b (RFC 7693), as an unsigned number.

Among a million texts two have the same one with a chance of 1 in 37 million.
"""


def digest(text: str) -> Digest:
    """The digest of a text, which may hold lone surrogates."""
    hashed = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return Digest(int.from_bytes(hashed.digest(), "little"))
