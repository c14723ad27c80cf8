"""The disk fails here in real ways: full (/dev/full), at a limit (RLIMIT_FSIZE), removed; and in one way made up."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes import model
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from cassettes.redaction.redactor import Redactor
from recorder.assembly import (
    Broken,
    EventsLost,
    RequestData,
    RequestEnd,
    RequestHead,
    ResponseData,
    ResponseEnd,
    ResponseHead,
    TrafficEvent,
)
from recorder.process.record_pipeline import RecordPipeline

HEADER = model.Header(version=1, created="2026-11-22T12:00:00Z", recorder="test")
SSE = (("content-type", "text/event-stream"),)


class Disk(CassetteWriter):
    """A real file on a disk that is full for as long as `full` is set."""

    full = False

    def write(self, records: Iterable[model.AnyRecord]) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(records)


class Recording:
    """A pipeline into a file, and what it said."""

    def __init__(self, file: CassetteWriter, redactor: Redactor | None = None) -> None:
        self.file = file
        self.reports: list[str] = []
        self.watched: list[model.AnyRecord] = []
        self.pipeline = RecordPipeline(file, HEADER, redactor, report=self.reports.append, watch=self.watch)
        file.write([HEADER])
        self.at = 0

    def watch(self, records: Sequence[model.AnyRecord]) -> None:
        self.watched += records

    def process(self, *events: tuple[int, TrafficEvent]) -> None:
        self.at += 1
        self.pipeline.process(events, self.at)

    def finish(self, remark: str = "") -> list[model.Exchange]:
        self.pipeline.finish(self.at, remark)
        self.file.close()
        return self.exchanges()

    def exchanges(self) -> list[model.Exchange]:
        assert self.file.path.read_bytes().endswith(b"\n")
        with Cassette.open(self.file.path) as cassette:
            assert not cassette.warnings
            self.losses = cassette.losses
            return list(cassette.exchanges())


def asks(number: int, path: str = "/x") -> list[tuple[int, TrafficEvent]]:
    return [(number, RequestHead(1, "GET", f"http://h{path}", "1.1", ())), (number, RequestEnd(1))]


def answers(number: int, *data: bytes) -> list[tuple[int, TrafficEvent]]:
    head = (number, ResponseHead(2, 200, "OK", "1.1", SSE))
    return [head, *((number, ResponseData(3, chunk)) for chunk in data)]


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk.create(tmp_path / "recording.jsonl")


def test_what_is_written_is_watched_and_counted(disk):
    recording = Recording(disk)
    recording.process(*asks(0), *answers(0, b"a"))
    recording.process((0, ResponseEnd(4)), *asks(1))
    first, second = recording.finish()
    assert (first.body, first.end.how) == (b"a", "complete")
    assert (second.response, second.end.how) == (None, "unfinished")
    assert recording.watched == [
        first.request, first.response, *first.chunks, first.end, second.request, second.end
    ]  # fmt: skip
    assert recording.pipeline.exchanges == 2
    assert (recording.pipeline.lost.records, recording.reports) == (0, [])


def test_what_is_under_way_at_the_end_is_written_as_unfinished(disk):
    recording = Recording(disk)
    recording.process(
        (0, RequestHead(1, "POST", "http://h/", "1.1", ())), (0, RequestData(1, b"half a quest"))
    )
    recording.process(*asks(1), *answers(1, b"half an answer"))
    second, first = recording.finish("time is up")  # in the order in which the requests became whole
    assert (first.request.body, first.end.how) == (b"half a quest", "unfinished")
    assert (second.body, second.end.how) == (b"half an answer", "unfinished")
    assert [loss.reason for loss in recording.losses] == ["time is up"]


def test_a_disk_that_is_full_for_a_while(disk):
    recording = Recording(disk)
    recording.process(*asks(0), *answers(0, b"before"))
    disk.full = True
    recording.process((0, ResponseData(3, b"lost 1")))
    recording.process((0, ResponseData(3, b"lost 2")), *asks(1), *answers(1, b"headless"))
    recording.process(*asks(2), *answers(2, b"all of it"), (2, ResponseEnd(3)))
    disk.full = False
    recording.process((0, ResponseData(4, b"after")), (1, ResponseData(4, b"headless")))
    recording.process(
        (0, ResponseEnd(5)), (1, ResponseEnd(5)), *asks(3), *answers(3, b"whole"), (3, ResponseEnd(6))
    )
    first, second = recording.finish()
    assert (first.body, first.end.how) == (b"beforeafter", "complete")
    assert [(loss.records, loss.bytes, loss.reason) for loss in first.losses] == [
        (2, 12, "No space left on device")
    ]
    assert (second.body, second.losses) == (b"whole", ())
    # Exchanges without their request are not in the file, so that it stays readable; they are noted.
    assert sum(loss.records for loss in recording.losses) == 3 + 4 + 2
    assert sum(loss.bytes for loss in recording.losses) == len(b"headless" * 2 + b"all of it")
    assert recording.pipeline.lost.records == 2 + 3 + 4 + 2
    assert recording.pipeline.exchanges == 2
    begins, recovers = recording.reports
    assert begins.startswith(f"{disk.path}: No space left on device; the traffic goes on")
    assert recovers == "the recording goes on; lost: 10 records (37 bytes)"
    assert not recording.pipeline._headless


def test_every_time_the_disk_fails_it_is_said(disk):
    recording = Recording(disk)
    for number in range(2):
        disk.full = True
        recording.process(*asks(number))
        disk.full = False
        recording.process(*asks(10 + number))
    assert len(recording.reports) == 4
    recording.finish()


def test_a_disk_that_stays_full_is_told_of_at_the_end(disk):
    recording = Recording(disk)
    recording.process(*asks(0))
    disk.full = True
    recording.process(*answers(0, b"lost"))
    (exchange,) = recording.finish()
    assert exchange.end.how == "unfinished"
    assert recording.reports[1:] == [
        "the end of the recording is lost: 3 records (4 bytes) (No space left on device)"
    ]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 5)), max_size=40))
def test_whenever_the_disk_fails_the_file_is_readable_and_nothing_is_missing_unsaid(tmp_path_factory, steps):
    disk = Disk.create(tmp_path_factory.mktemp("disk") / "recording.jsonl")
    recording = Recording(disk)
    begun: dict[int, int] = {}
    count = fed = 0
    for full, slot, kind in steps:
        disk.full = full
        if slot not in begun:
            begun[slot] = count
            count += 1
            recording.process(*asks(begun[slot]), *answers(begun[slot]))
            fed += 2
        elif kind:
            recording.process((begun[slot], ResponseData(3, b"x")))
            fed += 1
        else:
            recording.process((begun.pop(slot), ResponseEnd(3)))
            fed += 1
    disk.full = False
    exchanges = recording.finish()
    fed += len(begun)
    written = sum(1 + 1 + len(exchange.chunks) - (exchange.response is None) for exchange in exchanges)
    written += sum(record.kind == "end" for record in map(Kind, disk.path.read_bytes().splitlines()))
    noted = [*recording.losses, *(loss for exchange in exchanges for loss in exchange.losses)]
    assert written + sum(loss.records for loss in noted) == fed
    assert recording.pipeline.lost.records == sum(loss.records for loss in noted)


class Kind:
    """The kind that a line names."""

    def __init__(self, line: bytes) -> None:
        self.kind = line.partition(b'"kind":"')[2].partition(b'"')[0].decode()


def test_missed_events_are_counted_said_once_and_noted(disk):
    recording = Recording(disk)
    slow = "the disk was too slow"
    recording.process(*asks(0), *answers(0), (0, EventsLost(3, 2, 50, slow)), (0, ResponseData(4, b"x")))
    recording.process((0, EventsLost(5, 1, 5, slow)), (0, ResponseEnd(5)))
    (exchange,) = recording.finish()
    assert [(loss.records, loss.bytes) for loss in exchange.losses] == [(2, 50), (1, 5)]
    assert str(recording.pipeline.lost) == "3 records (55 bytes)"
    assert recording.reports == [f"the recording is incomplete: {slow}; the traffic goes on"]


def test_data_without_a_beginning_is_counted_and_noted(disk):
    recording = Recording(disk)
    recording.process(
        (0, EventsLost(2, 1, 0, "the disk was too slow")), (0, RequestEnd(2)), *answers(0, b"four")
    )
    recording.process(
        (0, ResponseEnd(3)), *asks(1), *answers(1), (1, ResponseEnd(3)), (1, RequestData(4, b"late!"))
    )
    (exchange,) = recording.finish()
    assert exchange.end.how == "complete"
    assert [(loss.records, loss.bytes) for loss in recording.losses] == [(1, 0), (1, 4), (1, 5)]
    assert recording.pipeline.lost.bytes == 9


def test_a_defect_in_one_exchange_ends_that_one_alone(disk):
    recording = Recording(disk)
    recording.process(
        *asks(0), *asks(1), *answers(0, b"x"), *answers(0), *answers(1, b"y"), (0, ResponseEnd(3))
    )
    recording.process((1, ResponseEnd(4)))
    broken, whole = recording.finish()
    assert (broken.body, broken.end.how) == (b"x", "error")
    assert "ResponseHead in state RESPONDING" in broken.end.message
    assert (whole.body, whole.end.how) == (b"y", "complete")


def test_what_redaction_holds_back_is_written_when_the_recording_ends(disk):
    recording = Recording(disk, Redactor(key=bytes(32)))
    recording.process(
        *asks(0), *answers(0, b'data: {"password": "opensesam', b'e"}\n\ndata: {"token": "s3cr3t')
    )
    (exchange,) = recording.finish()
    assert len(exchange.body) == len(b'data: {"password": "opensesame"}\n\ndata: {"token": "s3cr3t')
    assert b"opensesame" not in exchange.body
    assert b"s3cr3t" not in exchange.body
    assert exchange.end.how == "unfinished"


def test_a_file_that_was_removed_is_put_back_whole(disk):
    recording = Recording(disk)
    recording.process(*asks(0), *answers(0, b"before"))
    disk.path.unlink()
    recording.process((0, ResponseData(3, b" and after")))
    disk.path.unlink()  # noticed at the end
    (exchange,) = recording.finish()
    assert (exchange.body, exchange.end.how) == (b"before and after", "unfinished")
    assert recording.reports == [f"{disk.path}: the file was removed; it is put back"] * 2
    assert recording.pipeline.lost.records == 0


def test_a_file_whose_folder_was_removed_is_a_disk_that_is_gone(disk):
    recording = Recording(disk)
    shutil.rmtree(disk.path.parent)
    recording.process(*asks(0))
    assert "No such file or directory" in recording.reports[0]
    recording.pipeline.finish(1)
    assert recording.pipeline.lost.records == 2
    disk.close()


@pytest.mark.parametrize("left", ["nothing", "the first exchange"])
def test_a_truncated_file_gets_its_header_again(disk, left):
    recording = Recording(disk)
    recording.process(*asks(0), *answers(0, b"first"), (0, ResponseEnd(3)))
    size = disk.size if left == "the first exchange" else 0
    recording.process(*asks(1), *answers(1, b"cut off"))
    gone = disk.size - size
    os.truncate(disk.path, size)
    recording.process((1, ResponseData(4, b"headless")), *asks(2), *answers(2, b"whole"), (1, ResponseEnd(4)))
    recording.process((2, ResponseEnd(5)))
    exchanges = recording.finish()
    assert [exchange.body for exchange in exchanges] == [b"first", b"whole"][0 if size else 1 :]
    assert {exchange.end.how for exchange in exchanges} == {"complete"}
    reason = f"another program cut {gone} bytes off the file"
    assert recording.reports[0].endswith(f"{reason}, with 2 exchanges; the recording begins anew")
    assert [(loss.records, loss.bytes) for loss in recording.losses] == [(1, gone), (2, 8)]
    assert recording.pipeline.lost.records == 3


def test_a_renamed_file_goes_on_and_is_told_once(disk):
    recording = Recording(disk)
    moved = disk.path.rename(disk.path.with_name("moved.jsonl"))
    recording.process(*asks(0), *answers(0, b"x"))
    recording.process((0, ResponseEnd(3)))
    recording.pipeline.finish(4)
    assert recording.reports == [f"{disk.path} no longer leads to the recording, which goes on in {moved}"]
    disk.close()
    with Cassette.open(moved) as cassette:
        assert [exchange.body for exchange in cassette.exchanges()] == [b"x"]


def test_no_space_left_on_a_real_device():
    file = CassetteWriter(Path("/dev/full"), os.open("/dev/full", os.O_WRONLY))
    reports: list[str] = []
    pipeline = RecordPipeline(file, HEADER, None, report=reports.append, watch=lambda _records: None)
    with pytest.raises(OSError, match="No space left on device"):
        file.write([HEADER])
    pipeline.process([*asks(0), *answers(0, b"x")], 1)
    pipeline.finish(2)
    file.close()
    assert pipeline.lost.records == 4
    assert reports == [
        "/dev/full: No space left on device; the traffic goes on, what is not recorded is counted",
        "the end of the recording is lost: 4 records (1 bytes) (No space left on device)",
    ]


LIMITED = """
import pathlib, resource, sys
from cassettes.file.writer import CassetteWriter
from tests.recorder.process.test_record_pipeline import Recording, answers, asks
from recorder.assembly import ResponseData, ResponseEnd

file = CassetteWriter.create(pathlib.Path(sys.argv[1]))
recording = Recording(file)
recording.process(*asks(0), *answers(0, b"before"))
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (file.size + 30, hard))  # in the middle of a line
recording.process((0, ResponseData(3, b"x" * 100)))
assert pathlib.Path(sys.argv[1]).stat().st_size == file.size, "half a line stayed"
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
recording.process((0, ResponseEnd(4)))
(exchange,) = recording.finish()
print(exchange.body, exchange.end.how, [(loss.records, loss.bytes) for loss in exchange.losses])
print(*recording.reports, sep="\\n")
"""


def test_a_limit_in_the_middle_of_a_line_leaves_no_half_of_it(tmp_path):
    path = tmp_path / "limited.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "b'before' complete [(1, 100)]",
        f"{path}: File too large; the traffic goes on, what is not recorded is counted",
        "the recording goes on; lost: 1 records (100 bytes)",
    ]


def test_broken_before_the_request_was_whole(disk):
    recording = Recording(disk)
    recording.process((0, RequestHead(1, "POST", "http://h/", "1.1", ())), (0, RequestData(1, b"ha")))
    recording.process((0, Broken(2, "client-closed")))
    (exchange,) = recording.finish()
    assert (exchange.request.body, exchange.end.how) == (b"ha", "client-closed")


def test_late_secrets_are_replaced_when_the_recording_ends(disk):
    recording = Recording(disk, Redactor(key=bytes(32)))
    recording.process(*asks(0), *answers(0, b"data: s3cr3tAbC42xQ\n\n"), (0, ResponseEnd(3)))
    recording.process(*asks(1), *answers(1, b'data: {"password": "s3cr3tAbC42xQ"}\n\n'), (1, ResponseEnd(3)))
    assert b"s3cr3t" in disk.path.read_bytes()
    first, second = recording.finish()
    assert b"s3cr3t" not in disk.path.read_bytes()
    assert first.body[6:19] == second.body[20:33]
    assert recording.reports == ["replaced 1 value: 1 password"]
    assert b'{"kind":"redaction","at":2,"replaced":[["password",1]]}\n' in disk.path.read_bytes()


def test_late_secrets_that_cannot_be_replaced_are_said(disk, monkeypatch):
    recording = Recording(disk, Redactor(key=bytes(32)))
    recording.process(*asks(0), *answers(0, b"data: s3cr3tAbC42xQ\n\n"), (0, ResponseEnd(3)))
    recording.process(*asks(1), *answers(1, b'data: {"password": "s3cr3tAbC42xQ"}\n\n'), (1, ResponseEnd(3)))
    (disk.path.parent / f".draft-{disk.path.name}").mkdir()
    recording.finish()
    assert "secrets that were found late are left in" in recording.reports[0]
    assert b'"kind":"redaction"' not in disk.path.read_bytes()
