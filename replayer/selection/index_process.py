"""Makes the saved index of a cassette in a process of its own, which takes only the time that others leave."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from foundation.errors import CassetteError
from foundation.processes import prepare_worker, start_worker
from replayer.matching.matcher import Match
from replayer.selection.matched_recordings import make_index

WORTHWHILE = 4 << 20
"""Bytes of a cassette from which on an index is made unasked: a smaller one is read in a tenth of a second."""

NICENESS = 19


@contextlib.contextmanager
def making_index(
    path: Path, match: Match, *, worthwhile: int = WORTHWHILE
) -> Iterator[subprocess.Popen[bytes] | None]:
    """Make the index of a cassette in the background; what is not done by the end of the context is given up.

    The context's value is the process that makes it, None where that is not worth while.
    """
    try:
        wanted = path.is_file() and path.stat().st_size >= worthwhile
    except OSError:
        wanted = False
    if not wanted:
        yield None
        return
    process = start_worker(__name__, str(path.absolute()), msgspec.json.encode(match).decode())
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Make the index of a cassette and end, or end with stdin: then the process that wanted it has ended."""
    prepare_worker(NICENESS)
    threading.Thread(target=exit_with_stdin, daemon=True).start()
    _, path, match = sys.argv
    # Nobody waits for it: without an index, the cassette is read the next time, too.
    with contextlib.suppress(CassetteError):
        make_index(Path(path), msgspec.json.decode(match, type=Match))


def exit_with_stdin() -> None:
    """End this process when its stdin ends."""
    while os.read(sys.stdin.fileno(), 1):  # not its buffer, whose lock Python wants as it ends
        pass
    os._exit(0)
