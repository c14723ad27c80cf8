"""mitmproxy's flow files, made by mitmproxy's own writer."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mitmproxy.flow import Error, Flow
from mitmproxy.http import Headers, HTTPFlow, Request, Response
from mitmproxy.io import FlowWriter, tnetstring
from mitmproxy.test import tflow

from cassettes import model
from cassettes.file.reader import Cassette
from foundation.errors import CassetteError
from recorder.mitmproxy.flow_files import STREAMED, FlowFile
from tests.cassettes.recorded import save

ZERO = 1795348800.0  # 2026-11-22T12:00:00Z
EVENT = b"event: result\ndata: {}\n\n"


def flow(path: bytes = b"/a?b=c", at: float = 0.0, **parts: Any) -> HTTPFlow:
    """A flow asked `at` seconds after twelve, whole 10 ms later; answered after 50 ms, until 2 s."""
    made = tflow.tflow(
        req=Request(
            host="h",
            port=80,
            method=b"POST",
            scheme=b"http",
            authority=b"",
            path=path,
            http_version=b"HTTP/1.1",
            headers=Headers([(b"Host", b"h"), (b"X-Case", b"\xe9")]),
            content=b"hi",
            trailers=None,
            timestamp_start=ZERO + at,
            timestamp_end=ZERO + at + 0.01,
        ),
        resp=Response(
            http_version=b"HTTP/1.1",
            status_code=200,
            reason=b"OK",
            headers=Headers([(b"content-type", b"text/event-stream")]),
            content=EVENT,
            trailers=None,
            timestamp_start=ZERO + at + 0.05,
            timestamp_end=ZERO + at + 2,
        ),
    )
    for name, value in parts.items():
        setattr(made, name, value)
    return made


def written(*flows: Flow) -> bytes:
    file = io.BytesIO()
    for one in flows:
        FlowWriter(file).add(one)
    return file.getvalue()


def forged(part: str, **fields: Any) -> bytes:
    """A flow with a part that mitmproxy never makes, but reads."""
    state = flow().get_state()
    return tnetstring.dumps(state | {part: state[part] | fields})


def flow_file(tmp_path: Path, *flows: Flow) -> Path:
    path = tmp_path / "seen.flow"
    path.write_bytes(written(*flows))
    return path


def records_of(path: Path) -> list[model.AnyRecord]:
    with FlowFile.open(path) as file:
        return list(file.records())


def one(tmp_path: Path, single: HTTPFlow) -> model.Exchange:
    records = records_of(flow_file(tmp_path, single))
    with Cassette.open(save(tmp_path / "imported.jsonl", records)) as cassette:
        (exchange,) = cassette.exchanges()
    return exchange


def test_a_flow_is_an_exchange(tmp_path: Path) -> None:
    assert records_of(flow_file(tmp_path, flow())) == [
        model.Header(
            version=1, created="2026-11-22T12:00:00.000000Z", recorder="mitmproxy", upstream="http://h"
        ),
        model.Request(
            exchange=0,
            at=10_000,
            method="POST",
            url="http://h/a?b=c",
            http="1.1",
            headers=(("Host", "h"), ("X-Case", "é")),
            body=b"hi",
        ),
        model.Response(
            exchange=0, at=50_000, status=200, reason="OK", headers=(("content-type", "text/event-stream"),)
        ),
        model.Chunk(exchange=0, at=2_000_000, data=EVENT),
        model.End(exchange=0, at=2_000_000, how="complete"),
    ]


def test_flows_that_overlap_are_in_the_order_in_which_things_happened(tmp_path: Path) -> None:
    """mitmproxy writes a flow when it has ended."""
    path = flow_file(tmp_path, flow(b"/second", 1), flow(b"/first"), flow(b"/third", 5))
    records = records_of(path)
    assert [record.url for record in records if isinstance(record, model.Request)] == [
        "http://h/first",
        "http://h/second",
        "http://h/third",
    ]
    ats = [record.at for record in records[1:]]  # type: ignore[union-attr]
    assert ats == sorted(ats)
    assert [record.exchange for record in records[1:7]] == [0, 0, 1, 1, 0, 0]  # type: ignore[union-attr]


def test_several_origins_are_no_upstream(tmp_path: Path) -> None:
    other = flow()
    other.request.host = "other"
    header = records_of(flow_file(tmp_path, flow(), other))[0]
    assert isinstance(header, model.Header)
    assert header.upstream == ""


def test_a_body_is_decoded(tmp_path: Path) -> None:
    packed = flow()
    assert packed.response is not None
    packed.response.headers["content-encoding"] = "gzip"
    packed.response.raw_content = gzip.compress(EVENT)
    exchange = one(tmp_path, packed)
    assert exchange.response is not None
    assert (exchange.response.encoding, exchange.body, exchange.losses) == ("gzip", EVENT, ())


def test_a_large_body_is_cut(tmp_path: Path) -> None:
    large = flow()
    assert large.response is not None
    large.response.raw_content = b"x" * ((1 << 20) + 1)
    assert [len(chunk.data) for chunk in one(tmp_path, large).chunks] == [1 << 20, 1]


@pytest.mark.parametrize(
    ("message", "how", "said"),
    [
        ("Client disconnected.", "client-closed", ""),
        ("stream reset by client (CANCEL)", "client-closed", ""),
        ("stream reset by server (INTERNAL_ERROR)", "reset", ""),
        ("server closed connection", "server-closed", ""),
        ("no route to host", "error", "no route to host"),
    ],
)
@pytest.mark.parametrize("answered", [True, False])
def test_how_it_broke(tmp_path: Path, message: str, how: str, said: str, *, answered: bool) -> None:
    broken = flow(error=Error(message, ZERO + 3))
    if not answered:
        broken.response = None
    exchange = one(tmp_path, broken)
    assert (exchange.end.how, exchange.end.message, exchange.end.at) == (how, said, 3_000_000)
    assert (exchange.response is not None) == answered


def test_a_flow_that_was_saved_under_way_is_unfinished(tmp_path: Path) -> None:
    unanswered, unended = flow(response=None), flow()
    assert unended.response is not None
    unended.response.timestamp_end = None
    assert one(tmp_path, unanswered).end == model.End(exchange=0, at=10_000, how="unfinished")
    assert one(tmp_path, unended).end.how == "unfinished"


def test_times_never_go_back(tmp_path: Path) -> None:
    odd = flow()
    assert odd.response is not None
    odd.request.timestamp_end, odd.response.timestamp_start, odd.response.timestamp_end = (
        ZERO - 1,
        ZERO - 2,
        -9.0,
    )
    exchange = one(tmp_path, odd)
    assert exchange.response is not None
    assert {exchange.request.at, exchange.response.at, exchange.chunks[0].at, exchange.end.at} == {0}


def test_bodies_that_were_streamed_are_losses(tmp_path: Path) -> None:
    streamed = flow()
    assert streamed.response is not None
    streamed.request.raw_content = streamed.response.raw_content = None
    path = flow_file(tmp_path, streamed)
    with FlowFile.open(path) as file:
        records = list(file.records())
        hint = "let mitmproxy record with --set store_streamed_bodies=true"
        assert file.warnings == [f"{path}: 2 bodies were streamed and are not in it: {hint}"]
    losses = [record for record in records if isinstance(record, model.Loss)]
    assert [(loss.reason, loss.exchange, loss.records) for loss in losses] == [
        (f"the request's {STREAMED}", 0, 1),
        (f"the response's {STREAMED}", 0, 1),
    ]
    assert records[-1] == model.End(exchange=0, at=2_000_000, how="unfinished")


def test_what_is_no_exchange_is_counted(tmp_path: Path) -> None:
    connect = flow()
    connect.request.method = "CONNECT"
    others = (tflow.twebsocketflow(), tflow.ttcpflow(), tflow.tudpflow(), tflow.tdnsflow(), connect)
    with FlowFile.open(flow_file(tmp_path, *others, flow())) as file:
        assert (len(file), file.warnings) == (1, [])
        assert file.skipped == {"WebSocket": 1, "TCP": 1, "UDP": 1, "DNS": 1, "CONNECT": 1}


@pytest.mark.parametrize("cut", [1, 2, 3, 100, len(written(flow())) - 1])
def test_a_flow_that_a_crash_tore_is_left_out(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "seen.flow"
    path.write_bytes(written(flow()) + written(flow())[:cut])
    with FlowFile.open(path) as file:
        assert len(list(file.records())) == 5
        assert file.warnings == [f"{path}: left out the last flow, which a crash tore"]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"log":{"entries":[]}}',
        b"no flow",
        b"0:~",
        b"5:hello,",
        b"2:{}}",
        b"1:x,",
        b"4:" + b"1:]]" * 2,
        b"12345678901234567890:x,",
        tnetstring.dumps({"version": 21, "type": "http"}),
        tnetstring.dumps({"version": 99_999}),
        tnetstring.dumps(flow().get_state() | {"request": None}),
        tnetstring.dumps(flow().get_state() | {"client_conn": {}}),
        forged("request", timestamp_start="x"),
        forged("request", timestamp_start=float("nan")),
        forged("request", timestamp_end=float("inf")),
        forged("request", scheme=b"\x80"),
        forged("response", status_code=1000),
        forged("response", http_version=b"\x80"),
    ],
)
def test_what_is_no_flow_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "seen.flow"
    path.write_bytes(written(flow()) + content)
    with pytest.raises(CassetteError, match="expected a flow of mitmproxy's") as error:
        records_of(path)
    assert str(error.value).startswith(f"{path}, at byte {len(written(flow()))}: ")


@pytest.mark.parametrize("content", [b"", b"999999999999:x", written(tflow.ttcpflow())])
def test_a_file_without_an_exchange_is_named(tmp_path: Path, content: bytes) -> None:
    """One that announces a terabyte, too: it is not made room for."""
    path = tmp_path / "seen.flow"
    path.write_bytes(content)
    with pytest.raises(CassetteError, match="expected flows over HTTP, found none"):
        FlowFile.open(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(written(flow())) - 1), st.binary(min_size=1, max_size=3))
def test_any_bytes_give_records_or_one_named_error(tmp_path: Path, at: int, junk: bytes) -> None:
    whole = written(flow())
    path = tmp_path / "seen.flow"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    try:
        records = records_of(path)
    except CassetteError:
        return
    with Cassette.open(save(tmp_path / "imported.jsonl", records)) as cassette:
        assert len(cassette) == 1
