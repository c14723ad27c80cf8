"""Refuses faults that need a recorded response: its number, its length, or another session's response."""

from __future__ import annotations

from collections.abc import Iterable

from foundation.errors import UsageError
from replayer.faults.fault import Fault
from replayer.faults.language.spec import write
from replayer.faults.position import Positioned

SWAP = "swap-session"


def check_live(faults: Iterable[Fault]) -> None:
    """Raise UsageError for a fault that can hit no live response."""
    for fault in faults:
        if what := needs_recording(fault):
            raise UsageError(
                f"fault {write(fault)!r}: {what} needs a recorded answer; name the FILE of one to replay"
            )


def needs_recording(fault: Fault) -> str:
    """Return what part of a fault needs a recorded response; empty when nothing does."""
    if fault.exchange is not None:
        return "exchange="
    if isinstance(fault, Positioned) and fault.fraction is not None:
        return "fraction="
    return SWAP if fault.called == SWAP else ""
