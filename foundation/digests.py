"""Short digests of texts, which are the same in every process, unlike those of `hash`, and need little memory."""

from __future__ import annotations

import hashlib
from typing import NewType

Digest = NewType("Digest", int)
"""64 bits of a text's BLAKE2b (RFC 7693), as an unsigned integer.

The probability that any two of a million texts have the same digest is 1 in 37 million.
"""


def digest(text: str) -> Digest:
    """Return the digest of a text, which may contain lone surrogates."""
    return digest_of(text.encode("utf-8", "surrogatepass"))


def digest_of(data: bytes) -> Digest:
    """Return the digest of bytes."""
    return Digest(int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little"))
