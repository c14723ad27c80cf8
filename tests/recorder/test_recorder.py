"""The writer's process: what it does when the disk hangs, when nobody listens, and when it is time to end."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from cassettes.views.summary import Summary
from foundation.clock import SYSTEM
from foundation.errors import CassetteError, UsageError
from recorder.assembly import RequestEnd, RequestHead, ResponseData, ResponseEnd, ResponseHead
from recorder.open_recording import open_recording
from recorder.process.writer_messages import Setup
from recorder.recorder import Limits, Recorder, recording_result


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


@pytest.fixture
def reports() -> list[str]:
    return []


@pytest.fixture
def start(path: Path, reports: list[str]) -> Iterator[Callable[..., Recorder]]:
    """Opens a recording whose reports are kept; closes it at the end."""
    opened: list[Recorder] = []

    def open_it(**options: object) -> Recorder:
        everything = {"rules": None, "clock": SYSTEM, "report": reports.append, **options}
        opened.append(open_recording(path, **everything))  # type: ignore[arg-type]
        return opened[-1]

    yield open_it
    for recorder in opened:
        recorder.close()


def ask(recorder: Recorder, *data: bytes, whole: bool = True) -> int:
    """One exchange, as far as it goes."""
    exchange = recorder.begin()
    recorder.see(exchange, RequestHead(recorder.at(), "GET", "http://h/", "1.1", ()))
    recorder.see(exchange, RequestEnd(recorder.at()))
    recorder.see(exchange, ResponseHead(recorder.at(), 200, "OK", "1.1", ()))
    for piece in data:
        recorder.see(exchange, ResponseData(recorder.at(), piece))
    if whole:
        recorder.see(exchange, ResponseEnd(recorder.at()))
    return exchange


def read(path: Path) -> list[model.Exchange]:
    with Cassette.open(path) as cassette:
        assert not cassette.warnings
        return list(cassette.exchanges())


def test_what_is_seen_is_written_and_private(start, path, reports):
    recorder = start(upstream="http://user:hunter2@chat.example.org")
    ask(recorder, b"a", b"b")
    recorder.close()
    (exchange,) = read(path)
    assert [chunk.data for chunk in exchange.chunks] == [b"a", b"b"]
    assert path.stat().st_mode & 0o777 == 0o600
    with Cassette.open(path) as cassette:
        (header,) = cassette.headers
    assert (header.upstream, header.version) == ("http://chat.example.org", 1)
    assert header.created.endswith("Z")
    assert (recorder.exchanges, recorder.lost.records, reports) == (1, 0, [])


def test_it_is_on_the_disk_without_being_asked_for(start, path):
    written = threading.Event()

    def watch(summaries: Sequence[Summary]) -> None:
        if any(summary.chunks for summary in summaries):
            written.set()

    recorder = start(watch=watch)
    ask(recorder, b"there", whole=False)
    assert written.wait(10)
    (exchange,) = read(path)
    assert exchange.body == b"there"


@pytest.fixture
def hanging(path: Path, reports: list[str]) -> Iterator[Recorder]:
    """A recording whose writer hangs, as it does on a disk that does not answer; SIGCONT lets it go.

    The queue before it has 100 kB.
    """
    header = model.Header(version=1, created="", recorder="")
    recorder = Recorder(
        CassetteWriter.create(path), header, rules=None, now=SYSTEM.now, report=reports.append, queue=100_000
    )
    os.kill(recorder.writer, signal.SIGSTOP)
    yield recorder
    with contextlib.suppress(ProcessLookupError):  # let go and ended by the test itself
        os.kill(recorder.writer, signal.SIGCONT)
    recorder.close()


def test_traffic_goes_on_while_the_disk_hangs_and_the_loss_is_counted(hanging, path, reports):
    exchange = ask(hanging, b"first", whole=False)
    for _ in range(2000):  # returns, which is the proof
        hanging.see(exchange, ResponseData(hanging.at(), b"x" * 800))
    os.kill(hanging.writer, signal.SIGCONT)
    hanging.close()
    (read_back,) = read(path)
    kept = len(read_back.chunks) - 1
    # The queue, a batch that is being sent and the pipe: a kilobyte each in the queue, and less in the pipe.
    assert 0 < kept <= 300
    lost = (sum(loss.records for loss in read_back.losses), sum(loss.bytes for loss in read_back.losses))
    assert lost == (2000 - kept, 800 * (2000 - kept))
    assert hanging.lost.records == 2000 - kept
    assert reports == ["the recording is incomplete: the disk was too slow; the traffic goes on"]


def test_closing_does_not_wait_for_ever(hanging, path, reports):
    ask(hanging, b"late")
    hanging.close(patience=0.05)
    assert reports == [f"{path}: the disk does not answer; the end of the recording may be lost"]
    os.kill(hanging.writer, signal.SIGCONT)
    hanging.close()
    assert len(read(path)) == 1


def test_a_writer_that_is_killed_is_said_and_the_traffic_goes_on(start, path, reports):
    said = threading.Event()
    recorder = start(report=lambda line: (reports.append(line), said.set()))
    os.kill(recorder.writer, signal.SIGKILL)
    assert said.wait(10)
    ask(recorder, b"unrecorded")
    recorder.close()
    assert reports == [f"{path}: the process that writes has ended; the traffic goes on, unrecorded"]
    assert (recorder.whole, recorder.lost.records) == (False, 5)
    with Cassette.open(path) as cassette:
        assert [(loss.records, loss.reason) for loss in cassette.losses] == [
            (5, "the process that writes has ended")
        ]


def test_the_largest_size_ends_the_recording_and_not_the_traffic(start, path, reports):
    ended = threading.Event()
    recorder = start(limits=Limits(size=1000), report=lambda line: (reports.append(line), ended.set()))
    exchange = ask(recorder, b"x" * 2000, whole=False)
    assert ended.wait(10)
    recorder.see(exchange, ResponseData(recorder.at(), b"too late"))
    ask(recorder, b"unrecorded")
    recorder.close()
    why = "the recording reached its largest size and is complete"
    assert reports == [f"{path}: {why}; the traffic goes on, unrecorded"]
    (kept,) = read(path)
    assert (kept.body, kept.end.how) == (b"x" * 2000, "unfinished")
    assert recorder.exchanges == 1
    with Cassette.open(path) as cassette:
        assert [loss.reason for loss in cassette.losses] == [why]


def test_the_longest_duration_ends_the_recording_without_any_traffic(start, path, reports):
    ended = threading.Event()
    start(limits=Limits(duration=1), report=lambda line: (reports.append(line), ended.set()))
    assert ended.wait(10)
    assert reports == [
        f"{path}: the recording reached its longest duration and is complete; the traffic goes on, unrecorded"
    ]


def test_a_duration_of_ages_is_no_error(start, path, reports):
    recorder = start(limits=Limits(duration=10**30))
    ask(recorder, b"x")
    recorder.close()
    assert len(read(path)) == 1
    assert reports == []


def test_nobody_listens_and_the_recording_goes_on(start, path):
    def closed(_: object) -> None:
        raise BrokenPipeError

    recorder = start(watch=closed, report=closed, limits=Limits(duration=10**9))
    ask(recorder, b"a")
    recorder.close()
    assert len(read(path)) == 1


def test_a_picture_that_fails_does_not_end_the_recording(start, path, reports):
    def watch(_: object) -> None:
        raise ZeroDivisionError

    recorder = start(watch=watch)
    ask(recorder, b"a")
    recorder.close()
    assert reports == ["the recording goes on, but is no longer shown (ZeroDivisionError())"]
    assert len(read(path)) == 1


def test_an_existing_file_is_never_overwritten(start, path):
    path.write_text("mine")
    with pytest.raises(CassetteError, match="exists"):
        start()
    assert path.read_text() == "mine"


def test_force_replaces_and_append_goes_on(start, path):
    path.write_text("mine")
    ask(recorder := start(force=True), b"one")
    recorder.close()
    ask(recorder := start(append=True), b"two")
    recorder.close()
    assert [exchange.body for exchange in read(path)] == [b"one", b"two"]
    assert [exchange.request.exchange for exchange in read(path)] == [0, 0]
    with Cassette.open(path) as cassette:
        assert len(cassette.headers) == 2


def test_a_rule_that_is_none_costs_no_file(start, path):
    with pytest.raises(UsageError, match="nonsense"):
        start(rules=["nonsense"])
    assert not path.exists()


def test_a_disk_that_is_full_at_once_is_refused(start, path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(CassetteError, match="cannot be written: File too large"):
            start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    ask(recorder := start(append=True), b"now")  # what is there is empty, and no longer locked
    recorder.close()
    assert len(read(path)) == 1


def test_secrets_that_are_given_are_not_written(start: Callable[..., Recorder], path: Path) -> None:
    recorder = start(rules=(), secrets=["0wn-cr3dential"])
    ask(recorder, b"you sent 0wn-cr3dential")
    recorder.close()
    assert b"0wn-cr3dential" not in path.read_bytes()
    assert b"you sent " in path.read_bytes()


def test_a_setup_does_not_tell_its_secrets() -> None:
    assert "0wn-cr3dential" not in repr(Setup("a.jsonl", 3, b"", [], shows=False, secrets=["0wn-cr3dential"]))


def test_it_tells_whether_it_has_everything(start: Callable[..., Recorder], path: Path) -> None:
    recorder = start()
    ask(recorder)
    assert not recorder.whole
    recorder.close()
    assert recorder.whole
    assert recorder.behind == 0


def test_what_cannot_be_written_is_behind_and_not_whole(start: Callable[..., Recorder], path: Path) -> None:
    recorder = start()
    shutil.rmtree(path.parent)
    ask(recorder)
    recorder.close()
    assert recorder.behind == 1
    assert not recorder.whole
    assert recorder.path is None
    assert recording_result(recorder, path) == (
        f"the recording is lost: its file, {path}, was removed and cannot be put back"
    )


def test_a_renamed_recording_is_not_where_it_was_to_be(start: Callable[..., Recorder], path: Path) -> None:
    recorder = start()
    moved = path.rename(path.with_name("moved.jsonl"))
    ask(recorder)
    recorder.close()
    assert (recorder.whole, recorder.path, len(read(moved))) == (False, moved, 1)
    assert recording_result(recorder, path) == f"recorded 1 exchanges into {moved}, where {path} was moved to"


def test_a_limit_leaves_the_recording_whole(start: Callable[..., Recorder]) -> None:
    ended = threading.Event()
    recorder = start(limits=Limits(duration=1), report=lambda _line: ended.set())
    assert ended.wait(10)
    ask(recorder)
    recorder.close()
    assert recorder.whole
