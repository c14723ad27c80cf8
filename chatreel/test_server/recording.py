"""Records a cassette from a live chatbot while a test runs, and keeps it when the test has passed."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from cassettes.model import Loss
from chatreel.cli.chatbot_urls import origin
from chatreel.test_server.cassette_lookup import FoundCassette
from chatreel.test_server.replay import ThreadedReplay, replaying
from chatreel.testing.recorders import Recorders
from foundation.clock import SYSTEM
from foundation.errors import CassetteError, UsageError
from recorder.open_recording import open_recording
from recorder.recorder import Recorder
from replayer.forwarding.miss_policy import MissPolicy
from replayer.journal import JournalEntry
from replayer.selection.client_sessions import ClientSession
from replayer.server import ReplaySettings


class ProxiedChatbot:
    """A live chatbot behind a recording proxy; `url` is the proxy's.

    It has the members of a replay, so that the same test runs on both: nothing is played, so nothing is missed.
    """

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def journal(self) -> list[JournalEntry]:
        """Nothing: the chatbot answers."""
        return []

    @property
    def misses(self) -> list[JournalEntry]:
        """Nothing: whatever is asked is recorded."""
        return []

    @property
    def sessions(self) -> list[ClientSession]:
        """Nothing: the sessions are the chatbot's."""
        return []

    @property
    def faults(self) -> list[str]:
        """None: what is recorded is what the chatbot says."""
        return []

    @faults.setter
    def faults(self, faults: Iterable[str]) -> None:
        raise UsageError("a live chatbot that is recorded has no faults: set them in a test that replays")

    def reset(self) -> None:
        """Nothing is to be reset."""

    def take_new_misses(self) -> list[JournalEntry]:
        """Nothing, as above."""
        return []

    def unplayed(self) -> str:
        """Return nothing: all that this recording has was asked for."""
        return ""


class CassetteRecorders(Recorders):
    """Records for one test."""

    def record(self, found: Sequence[FoundCassette]) -> bool:
        """Whether to record rather than to replay. Samples are not the test's to record."""
        own = [path for path, sample in found if not sample]
        missing = not all(path.exists() for path in own)
        return {"none": False, "once": missing, "new_episodes": missing, "all": bool(own)}[self.mode]

    def add(self, found: Sequence[FoundCassette]) -> bool:
        """Whether to record what a replay misses."""
        return self.mode == "new_episodes" and not all(sample for _, sample in found)

    @contextlib.contextmanager
    def recording(
        self, found: Sequence[FoundCassette], upstream: str, passed: Callable[[], bool]
    ) -> Iterator[ProxiedChatbot]:
        """Record while the context lasts, beside the cassette; take its place at the end if the test `passed`.

        Raises UsageError, CassetteError and ServerError; at the end CassetteError, when the recording is not
        whole.
        """
        # mitmproxy takes long to import, and is for those who record.
        from chatreel.workflows.recording_proxy import proxy_for  # noqa: PLC0415

        cassette = self._target(found)
        upstream = self._origin(upstream)
        if not upstream:
            raise UsageError(
                f"no live chatbot to record {cassette} from: give --chatreel-upstream URL, or upstream= in the marker"
            )
        self._claim(cassette)
        said: list[str] = []
        cassette.parent.mkdir(parents=True, exist_ok=True)
        beside = cassette.with_name(f"unfinished-{cassette.name}")
        recorder = open_recording(beside, upstream=upstream, clock=SYSTEM, report=said.append, force=True)
        with contextlib.ExitStack() as stack:
            stack.callback(beside.unlink, missing_ok=True)
            with proxy_for(recorder, upstream, said.append) as url:
                yield ProxiedChatbot(url)
            if passed():
                check_whole(recorder, cassette, said)
                beside.replace(cassette)

    @contextlib.contextmanager
    def adding(
        self,
        found: Sequence[FoundCassette],
        upstream: str,
        settings: ReplaySettings,
        passed: Callable[[], bool],
    ) -> Iterator[ThreadedReplay]:
        """Replay while the context lasts, and add to the cassette what was missed, if the test `passed`.

        Misses go to the upstream that was recorded when no other is given. Raises as `recording` does.
        """
        cassette = self._target([one for one in found if not one.sample])
        with tempfile.TemporaryDirectory(dir=self.claims) as folder:
            into = Path(folder) / cassette.name
            misses = MissPolicy(on_miss="record", upstream=self._origin(upstream), into=into)
            replay = replaying([path for path, _ in found], msgspec.structs.replace(settings, misses=misses))
            with replay as running:
                yield running
            if passed() and into.exists():
                append(into, cassette)

    def _target(self, found: Sequence[FoundCassette]) -> Path:
        """The cassette to record."""
        if len(found) > 1:
            names = ", ".join(path.name for path, _ in found)
            raise UsageError(
                f"one cassette can be recorded at a time, not {names}: give each a test of its own"
            )
        path = found[0].path
        if not path.name.endswith((".jsonl", ".jsonl.zst")):
            raise UsageError(f"{path}: a cassette to record is named .jsonl, or .jsonl.zst")
        return path

    def _origin(self, upstream: str) -> str:
        """The chatbot to record; empty when none is given."""
        given = self.upstream or upstream
        return origin(given) if given else ""

    def _claim(self, cassette: Path) -> None:
        """See that no other test of the run records it too: the last one would win, whichever that is."""
        name = hashlib.sha256(bytes(cassette.resolve())).hexdigest()
        claim = self.claims / f"chatreel-{name}"
        with contextlib.suppress(FileExistsError), claim.open("x") as file:
            file.write(self.test)
        owner = claim.read_text()
        if owner != self.test:
            raise CassetteError(
                f"{cassette} is recorded by {owner} in this run: give each test a cassette of its own"
            )


def check_whole(recorder: Recorder, cassette: Path, said: Sequence[str]) -> None:
    """Raise CassetteError when a recording lacks something, or all; `said` is what was told of it."""
    if not recorder.whole:
        lost = f"lost {recorder.lost}" if recorder.lost.records else "is not whole"
        raise CassetteError(f"{cassette}: the recording {lost}: {'; '.join(said)}")
    if not recorder.exchanges:
        raise CassetteError(f"{cassette}: nothing was recorded: let the client ask chatreel.url")


def append(added: Path, cassette: Path) -> None:
    """Put a recording behind another; raises CassetteError when it is not whole."""
    with Cassette.open(added) as recording, CassetteWriter.append(cassette) as file:
        records = list(recording.records())
        if any(isinstance(record, Loss) and record.records for record in records):
            raise CassetteError(f"{cassette}: what was to be added has losses; it stays as it was")
        file.write(records)
