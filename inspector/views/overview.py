"""The overview: every file of the workspace, with its state."""

from __future__ import annotations

import msgspec

from foundation.web.parameters import Parameters
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.page_recorder import RecordingState, shown
from inspector.workspace.workspace import Workspace


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file: `summed` of its `exchanges` are indexed; `created` and `upstream` are those of its last recording."""

    file: int
    name: str
    exchanges: int
    summed: int
    growing: bool
    warnings: list[str]
    upstream: str
    created: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """All files; `replay_url` is the replay whose admin listener serves the page, and empty when there is none.

    `recording` is what the page can record, None where it cannot.
    """

    version: int
    files: list[FileView]
    replay_url: str
    recording: RecordingState | None
    token_needed: bool


async def overview(workspace: Workspace, _parameters: Parameters) -> Overview:
    """The view of GET overview."""
    return overview_of(workspace)


def overview_of(workspace: Workspace) -> Overview:
    """All files as they are now; the stream of changes sends them, too."""
    return Overview(
        version=workspace.version,
        files=[file_view(file, workspace.timers.now()) for file in workspace.files],
        replay_url=workspace.replay_url,
        recording=shown(workspace.recorder),
        token_needed=workspace.token_needed,
    )


def file_view(file: FollowedCassette, now: int) -> FileView:
    """The state of a file; `now` is the clock's, in microseconds."""
    cassette = file.cassette
    growing = file.growing(now)
    warnings = [file.trouble] if file.trouble else []
    warnings += [] if growing else cassette.warnings
    warnings += [
        f"{loss.reason}: {loss.records} records, {loss.bytes} bytes lost" for loss in cassette.losses[:100]
    ]
    header = cassette.headers[-1]
    return FileView(
        file=file.number,
        name=file.name,
        exchanges=len(cassette),
        summed=len(file.table),
        growing=growing,
        warnings=warnings,
        upstream=header.upstream,
        created=header.created,
    )
