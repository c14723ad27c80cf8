"""What a test run says about recording."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Recorders:
    """What one test may record, `test` being its id.

    `mode` is "none", "once" (a cassette that is missing), "new_episodes" (that, and what a cassette lacks) or
    "all" (anew); `upstream` goes before that of a test; `claims` is a folder that all processes of the test run
    share.
    """

    mode: str
    upstream: str
    test: str
    claims: Path
