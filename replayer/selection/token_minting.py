"""Mints tokens of a live session's own: of the recorded ones' length and shape, from a seed."""

from __future__ import annotations

import hashlib
import re

from cassettes.redaction.stand_ins import StandIns

PREFIX = re.compile(r"[A-Za-z]{1,12}[_-](?=.{6})")


def mint(recorded: str, *, seed: int, session: int, attempt: int) -> str:
    """The value that stands for a recorded one in a live session; another one for each attempt.

    What it begins with, such as `job_`, stays: it says what kind of a value this is.
    """
    key = hashlib.blake2b(f"{seed}/{session}/{attempt}".encode(), digest_size=32).digest()
    prefix = found[0] if (found := PREFIX.match(recorded)) else ""
    return prefix + StandIns(key)(recorded.removeprefix(prefix).encode()).decode()
