"""The writer's thread: what it does when the disk hangs, when nobody listens, and when it is time to end."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from cassettes import model
from cassettes.errors import CassetteError, UsageError
from cassettes.reader import Cassette
from cassettes.writer import CassetteWriter
from recorder import recorder as module
from recorder.assembly import RequestEnd, RequestHead, ResponseData, ResponseEnd, ResponseHead
from recorder.recorder import Limits, Recorder
from recorder.recording import open_recording
from replayer.clock import SYSTEM

HEADER = model.Header(version=1, created="2026-11-22T12:00:00Z", recorder="test")


class HangingDisk(CassetteWriter):
    """A real file whose disk hangs from the first record after the header until it is let go."""

    def __init__(self, path: Path, descriptor: int) -> None:
        super().__init__(path, descriptor)
        self.hangs = threading.Event()
        self.let_go = threading.Event()

    def write(self, records: Iterable[model.AnyRecord]) -> None:
        if self.size:
            self.hangs.set()
            assert self.let_go.wait(30)
        super().write(records)


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
    recorder = start(upstream="http://chat.example.org")
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

    def watch(records: Sequence[model.AnyRecord]) -> None:
        if any(isinstance(record, model.Chunk) for record in records):
            written.set()

    recorder = start(watch=watch)
    ask(recorder, b"there", whole=False)
    assert written.wait(10)
    (exchange,) = read(path)
    assert exchange.body == b"there"


@pytest.fixture
def hanging(path: Path, reports: list[str]) -> Iterator[tuple[HangingDisk, Recorder]]:
    disk = HangingDisk.create(path)
    recorder = Recorder(disk, HEADER, redactor=None, now=SYSTEM.now, report=reports.append)
    yield disk, recorder
    disk.let_go.set()
    recorder._thread.join(10)
    assert not recorder._thread.is_alive()


def test_traffic_goes_on_while_the_disk_hangs_and_the_loss_is_counted(hanging, path, reports, monkeypatch):
    disk, recorder = hanging
    recorder._intake._limit = 100_000
    exchange = ask(recorder, b"first", whole=False)
    assert disk.hangs.wait(10)
    for _ in range(1000):  # returns, which is the proof
        recorder.see(exchange, ResponseData(recorder.at(), b"x" * 800))
    assert recorder._intake._bytes_in - recorder._intake._bytes_out <= 101_000
    disk.let_go.set()
    recorder.close()
    (read_back,) = read(path)
    kept = len(read_back.chunks) - 1
    assert 0 < kept < 1000
    assert [(loss.records, loss.bytes) for loss in read_back.losses] == [(1000 - kept, 800 * (1000 - kept))]
    assert recorder.lost.records == 1000 - kept
    assert reports == ["the recording is incomplete: the disk was too slow; the traffic goes on"]


def test_closing_does_not_wait_for_ever(hanging, path, reports, monkeypatch):
    disk, recorder = hanging
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    ask(recorder, b"lost")
    assert disk.hangs.wait(10)
    recorder.close()
    assert reports == [f"{path}: the disk does not answer; the end of the recording is lost"]


def test_the_largest_size_ends_the_recording_and_not_the_traffic(start, path, reports):
    ended = threading.Event()
    recorder = start(limits=Limits(size=1000), report=lambda line: (reports.append(line), ended.set()))
    exchange = ask(recorder, b"x" * 2000, whole=False)
    assert ended.wait(10)
    recorder.see(exchange, ResponseData(recorder.at(), b"too late"))
    ask(recorder, b"unrecorded")
    recorder.close()
    why = "the recording reached its largest size"
    assert reports == [f"{why} and is complete; the traffic goes on, unrecorded"]
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
        "the recording reached its longest duration and is complete; the traffic goes on, unrecorded"
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_is_said_and_the_traffic_goes_on(start, path, reports):
    said = threading.Event()

    def watch(_: object) -> None:
        raise ZeroDivisionError

    recorder = start(watch=watch, report=lambda line: (reports.append(line), said.set()))
    exchange = ask(recorder, b"a", whole=False)
    assert said.wait(10)
    recorder.see(exchange, ResponseEnd(recorder.at()))
    recorder.close()
    assert reports == ["the recording broke off (ZeroDivisionError()); the traffic goes on, unrecorded"]


def test_an_error_on_close_is_said(path, reports):
    class Quota(CassetteWriter):
        def close(self) -> None:
            super().close()
            raise OSError(122, os.strerror(122))

    recorder = Recorder(Quota.create(path), HEADER, redactor=None, now=SYSTEM.now, report=reports.append)
    recorder.close()
    assert reports == [f"{path}: Disk quota exceeded; the end of the recording may be lost"]


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
