"""Opens cassettes with the index of their requests, from a saved index where there is one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cassettes.file import saved_index
from foundation.errors import CassetteError
from replayer.matching.index import MatchIndex
from replayer.matching.matcher import Match
from replayer.selection.recordings import Recordings


class MatchedRecordings(NamedTuple):
    """Open recordings, the index of their requests, and whether both are from a saved index."""

    recordings: Recordings
    requests: MatchIndex
    restored: bool


@contextlib.contextmanager
def open_matched(paths: Sequence[Path], match: Match) -> Iterator[MatchedRecordings]:
    """Open cassettes while the context lasts. Only a single one is opened by its saved index. Raises CassetteError."""
    with contextlib.ExitStack() as stack:
        restored = restore(stack, paths[0], match) if len(paths) == 1 else None
        if restored is not None:
            yield restored
            return
        index = MatchIndex(match=match)
        yield MatchedRecordings(stack.enter_context(Recordings.open(paths, index.add)), index, restored=False)


def restore(stack: contextlib.ExitStack, path: Path, match: Match) -> MatchedRecordings | None:
    """Open a cassette by its saved index, until the stack is closed; None when there is none that fits."""
    saved = saved_index.find(path)
    index = MatchIndex.restored(match, saved) if saved else None
    if saved is None or index is None:
        return None
    recordings = stack.enter_context(Recordings.restored(path, saved))
    if recordings is None or len(recordings) != len(index):
        return None
    return MatchedRecordings(recordings, index, restored=True)


def make_index(path: Path, match: Match) -> Path:
    """Read a cassette and save its index; returns where. Raises CassetteError, also when it changes meanwhile."""
    origin = saved_index.Origin.of(path)
    index = MatchIndex(match=match)
    with Recordings.open([path], index.add) as recordings:
        sections = {**recordings.save(), **index.save()}
    if saved_index.Origin.of(path) != origin:
        raise CassetteError(f"{path}: was changed while its index was made; make it again")
    return saved_index.write(path, origin, sections)
