"""What the writer's process does with what it is told, in this process: messages in, a cassette and messages out."""

from __future__ import annotations

import io
import os

import pytest

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from recorder.assembly import Broken, RequestEnd, RequestHead, ResponseData, ResponseEnd, ResponseHead
from recorder.process import writer_process
from recorder.process.writer_messages import (
    Batch,
    FinishWriting,
    ReportLine,
    Setup,
    UpdatedSummaries,
    WriterStatus,
    receive,
    send,
)
from recorder.process.writer_process import WriterProcess

EVENTS = [
    (0, RequestHead(1, "GET", "http://h/?token=hunter2hunter2", "1.1", (("Host", "h"),))),
    (0, RequestEnd(2)),
    (0, ResponseHead(3, 200, "OK", "1.1", (("x", "caf\xe9"),))),
    (0, ResponseData(4, b"\xff\x00")),
]


@pytest.fixture
def run(tmp_path):
    """Lets a writer hear some messages; the exchanges that it wrote, and what it said."""
    path = tmp_path / "recording.jsonl"
    header = model.Header(version=1, created="2026-11-22T12:00:00Z", recorder="test")

    def hear(*messages, rules=None, cut=0):
        file = CassetteWriter.create(path, force=True)
        file.write([header])
        inward, outward = io.BytesIO(), io.BytesIO()
        own = os.dup(file.fileno())
        line = format_v1.encode([header])
        for message in (Setup(str(path), own, line, rules, shows=True), *messages):
            send(inward, message)
        heard = io.BytesIO(inward.getvalue()[: len(inward.getvalue()) - cut])
        code = WriterProcess(heard, outward).run()
        file.close()
        outward.seek(0)
        said = list(iter(lambda: receive(outward), None))
        with Cassette.open(path) as cassette:
            return code, list(cassette.exchanges()), said

    return hear


def test_what_it_hears_is_written_and_told(run):
    code, (exchange,), said = run(Batch(5, EVENTS), Batch(7, [(0, ResponseEnd(6))]), FinishWriting(8))
    assert code == 0
    assert (exchange.body, exchange.end.how) == (b"\xff\x00", "complete")
    assert exchange.response.headers == (("x", "caf\xe9"),)
    shown = [
        summary for message in said if isinstance(message, UpdatedSummaries) for summary in message.summaries
    ]
    assert [(summary.chunks, summary.how) for summary in shown] == [(1, ""), (1, "complete")]
    written = [message for message in said if isinstance(message, WriterStatus)]
    assert [(message.exchanges, message.last) for message in written] == [
        (1, False),
        (1, False),
        (1, False),
        (1, True),
    ]


@pytest.mark.parametrize("cut", [0, 1, 5])
def test_a_proxy_that_is_killed_leaves_an_unfinished_exchange(run, cut):
    code, (exchange,), said = run(
        Batch(5, EVENTS), Batch(7, [(0, Broken(6, "reset"))]) if cut else Batch(7, []), cut=cut
    )
    assert code == 0
    assert (exchange.body, exchange.end.how) == (b"\xff\x00", "unfinished")
    assert said[-1].last


def test_redaction_is_done_here(run):
    _, (exchange,), _ = run(Batch(5, EVENTS), FinishWriting(8), rules=[])
    assert "hunter2" not in exchange.request.url


def test_a_defect_is_said_on_one_line(run, monkeypatch):
    monkeypatch.setattr(writer_process, "RecordPipeline", lambda *_args, **_more: 1 / 0)
    code, exchanges, said = run(Batch(5, EVENTS))
    assert (code, exchanges) == (1, [])
    assert said == [ReportLine("the recording broke off (ZeroDivisionError('division by zero'))")]


def test_an_error_on_close_is_said(run, monkeypatch):
    class Quota(CassetteWriter):
        def close(self):
            super().close()
            raise OSError(122, os.strerror(122))

    monkeypatch.setattr(writer_process, "CassetteWriter", Quota)
    code, (exchange,), said = run(Batch(5, EVENTS), FinishWriting(8))
    assert code == 0
    assert exchange.end.how == "unfinished"
    assert said[-1] == ReportLine("the end of the recording may be lost: Disk quota exceeded")
