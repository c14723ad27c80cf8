"""What the page needs of a recorder that it starts and stops."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec


class RunningRecording(msgspec.Struct, frozen=True):
    """A recording under way: where clients reach the proxy, and the cassette that grows."""

    url: str
    path: str


class PageRecorder(Protocol):
    """Records a live chatbot, one recording after the other; `upstream` is the chatbot's url."""

    upstream: str

    @property
    def running(self) -> RunningRecording | None:
        """The recording under way, None while there is none."""
        ...

    async def start(self) -> RunningRecording:
        """Begin a recording, into a new file; raises ServerError when that fails or one is under way."""
        ...

    async def stop(self) -> None:
        """End the recording, whose file is whole then; does nothing when there is none."""
        ...


def shown(recorder: PageRecorder | None) -> RecordingState | None:
    """The state of a recorder as the page shows it, None where the page has none."""
    if recorder is None:
        return None
    running = recorder.running
    return RecordingState(
        upstream=recorder.upstream,
        url=running.url if running else "",
        file=Path(running.path).name if running else "",
    )


class RecordingState(msgspec.Struct, frozen=True, kw_only=True):
    """What the page can record: `url` is where clients reach the proxy, and `file` what grows, while it does."""

    upstream: str
    url: str
    file: str
