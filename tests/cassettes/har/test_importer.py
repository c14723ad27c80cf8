"""HAR files of browsers and other proxies, each with its manners."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cassettes.file.reader import Cassette
from cassettes.har import HarFile
from cassettes.model import AnyRecord, Chunk, End, Exchange, Header, Loss, Request, Response
from foundation.errors import CassetteError
from tests.cassettes.recorded import save

EVENTS = 'event: progress\ndata: {"a": 1}\n\n: heartbeat\n\nid: 7\ndata: two\n\n'
ZERO = 1795348800  # 2026-11-22T12:00:00Z, in seconds


def entry(**changes: Any) -> dict[str, Any]:
    """An entry as Chrome writes it, at 12:00:00 UTC: asked after 5 ms, answered after 25, whole after 100."""
    made: dict[str, Any] = {
        "startedDateTime": "2026-11-22T12:00:00.000Z",
        "time": 100,
        "request": {
            "method": "POST",
            "url": "https://h/a?b=c",
            "httpVersion": "http/1.1",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": '{"query":"hi"}'},
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "http/1.1",
            "headers": [{"name": "Content-Type", "value": "text/event-stream"}],
            "content": {"size": len(EVENTS), "mimeType": "text/event-stream", "text": EVENTS},
        },
        "timings": {
            "blocked": 2,
            "dns": -1,
            "ssl": -1,
            "connect": 2.5,
            "send": 0.5,
            "wait": 20,
            "receive": 75,
        },
    }
    for path, value in changes.items():
        *parts, last = path.split("__")
        place = made
        for part in parts:
            place = place[part]
        place[last] = value
    return made


def har_file(tmp_path: Path, *entries: Any, **log: Any) -> Path:
    document = {
        "log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, **log}
        | {"entries": list(entries)}
    }
    path = tmp_path / "saved.har"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def imported(tmp_path: Path, *entries: Any) -> list[Exchange]:
    records = list(HarFile.open(har_file(tmp_path, *entries)).records())
    with Cassette.open(save(tmp_path / "imported.jsonl", records)) as cassette:
        return list(cassette.exchanges())


def one(tmp_path: Path, **changes: Any) -> Exchange:
    (exchange,) = imported(tmp_path, entry(**changes))
    return exchange


def answer(exchange: Exchange) -> Response:
    assert exchange.response is not None
    return exchange.response


def message(seconds: float, name: str, data: str, identifier: str = "") -> dict[str, Any]:
    return {"time": ZERO + seconds, "eventName": name, "eventId": identifier, "data": data}


MESSAGES = [message(0.030, "progress", '{"a": 1}'), message(0.0905, "message", "two", "7")]


def test_an_entry_of_chrome(tmp_path: Path) -> None:
    records = list(HarFile.open(har_file(tmp_path, entry(_eventSourceMessages=MESSAGES))).records())
    assert records == [
        Header(
            version=1,
            created="2026-11-22T12:00:00.000000Z",
            recorder="WebInspector 537.36",
            upstream="https://h",
        ),
        Request(
            exchange=0,
            at=5000,
            method="POST",
            url="https://h/a?b=c",
            http="1.1",
            headers=(("Content-Type", "application/json"),),
            body=b'{"query":"hi"}',
        ),
        Response(
            exchange=0,
            at=25000,
            status=200,
            reason="OK",
            headers=(("Content-Type", "text/event-stream"),),
        ),
        Chunk(exchange=0, at=30000, data=b'event: progress\ndata: {"a": 1}\n\n'),
        Chunk(exchange=0, at=90500, data=b": heartbeat\n\nid: 7\ndata: two\n\n"),
        End(exchange=0, at=100000, how="complete"),
    ]


def times(exchange: Exchange) -> list[tuple[int, bytes]]:
    return [(chunk.at, chunk.data) for chunk in exchange.chunks]


def test_without_the_times_of_events_a_body_came_when_it_was_whole(tmp_path: Path) -> None:
    assert times(one(tmp_path)) == [(100000, EVENTS.encode())]


@pytest.mark.parametrize("text", ["", None])
def test_events_without_a_body_are_written_anew(tmp_path: Path, text: str | None) -> None:
    exchange = one(tmp_path, _eventSourceMessages=MESSAGES, response__content={"size": 0, "text": text})
    assert times(exchange) == [
        (30000, b'event: progress\ndata: {"a": 1}\n\n'),
        (90500, b"id: 7\ndata: two\n\n"),
    ]
    assert not exchange.losses


def test_what_the_events_do_not_tell_of_a_body_came_at_its_end(tmp_path: Path) -> None:
    assert times(one(tmp_path, _eventSourceMessages=MESSAGES[:1])) == [
        (30000, b'event: progress\ndata: {"a": 1}\n\n'),
        (100000, b": heartbeat\n\nid: 7\ndata: two\n\n"),
    ]


def test_a_body_that_ends_before_its_events_gives_way_to_them(tmp_path: Path) -> None:
    content = {"size": 9, "text": "data: x\n\n"}
    chunks = times(one(tmp_path, _eventSourceMessages=MESSAGES, response__content=content))
    assert b"".join(data for _, data in chunks) == b'event: progress\ndata: {"a": 1}\n\nid: 7\ndata: two\n\n'


def test_times_of_events_never_go_back(tmp_path: Path) -> None:
    messages = [message(3, "message", "a"), message(-5, "message", "b"), {"data": "c"}]
    exchange = one(tmp_path, _eventSourceMessages=messages, response__content={})
    assert [at for at, _ in times(exchange)] == [3_000_000] * 3
    assert exchange.end.at == 3_000_000


def test_entries_are_sorted_by_their_starts_and_overlap(tmp_path: Path) -> None:
    late = entry(startedDateTime="2026-11-22T13:00:00.0501234+01:00", request__url="https://h/late")
    path = har_file(tmp_path, late, entry(_eventSourceMessages=MESSAGES))
    records = list(HarFile.open(path).records())
    ats = [record.at for record in records[1:]]  # type: ignore[union-attr]
    assert ats == sorted(ats)
    assert [record.exchange for record in records[1:]] == [0, 0, 0, 1, 1, 0, 0, 1, 1]  # type: ignore[union-attr]
    assert records[4].at == 55123  # type: ignore[union-attr]


def test_a_file_of_several_origins_has_no_upstream(tmp_path: Path) -> None:
    path = har_file(tmp_path, entry(), entry(request__url="http://h/"))
    header = next(iter(HarFile.open(path).records()))
    assert isinstance(header, Header)
    assert header.upstream == ""


@pytest.mark.parametrize(
    ("version", "ours"),
    [
        ("HTTP/1.1", "1.1"),
        ("http/1.0", "1.0"),
        ("HTTP/2", "2"),
        ("HTTP/2.0", "2"),
        ("http/2.0", "2"),
        ("h2", "2"),
        ("h3", "3"),
        ("HTTP/3", "3"),
        ("", "1.1"),
        (None, "1.1"),
        ("unknown", "1.1"),
    ],
)
def test_versions_as_each_writes_them(tmp_path: Path, version: str | None, ours: str) -> None:
    exchange = one(tmp_path, request__httpVersion=version, response__httpVersion=version)
    assert (exchange.request.http, answer(exchange).http) == (ours, ours)


def test_pseudo_headers_are_none_of_a_request(tmp_path: Path) -> None:
    headers = [
        {"name": ":authority", "value": "h"},
        {"name": ":path", "value": "/"},
        {"name": "a", "value": "1"},
    ]
    exchange = one(
        tmp_path, request__headers=headers, response__headers=[{"name": ":status", "value": "200"}]
    )
    assert (exchange.request.headers, answer(exchange).headers) == ((("a", "1"),), ())


def test_headers_that_a_browser_joined_are_apart(tmp_path: Path) -> None:
    headers = [{"name": "set-cookie", "value": "a=1; Path=/\nb=2\r\nc=3"}, {"name": "x"}]
    assert answer(one(tmp_path, response__headers=headers)).headers == (
        ("set-cookie", "a=1; Path=/"),
        ("set-cookie", "b=2"),
        ("set-cookie", "c=3"),
        ("x", ""),
    )


def test_text_that_is_none_of_a_header_becomes_its_bytes(tmp_path: Path) -> None:
    exchange = one(
        tmp_path,
        request__url="https://h/ü?q=→ x#part",
        request__headers=[{"name": "x", "value": "→"}, {"name": "y", "value": "é"}],
        response__statusText="→",
    )
    assert exchange.request.url == "https://h/%C3%BC?q=%E2%86%92%20x"
    assert exchange.request.headers == (("x", "→".encode().decode("latin-1")), ("y", "é"))
    assert answer(exchange).reason.encode("latin-1") == "→".encode()


def test_base64(tmp_path: Path) -> None:
    body = bytes(range(256))
    encoded = base64.b64encode(body).decode()
    exchange = one(
        tmp_path,
        response__content={"size": 256, "text": encoded, "encoding": "base64"},
        request__postData={"mimeType": "x/y", "text": encoded, "encoding": "base64"},
    )
    assert (exchange.body, exchange.request.body) == (body, body)


@pytest.mark.parametrize("coding", ["gzip", "br", "gzip, zstd"])
def test_content_is_decoded_from_its_coding(tmp_path: Path, coding: str) -> None:
    exchange = one(tmp_path, response__headers=[{"name": "Content-Encoding", "value": coding}])
    assert (answer(exchange).encoding, exchange.body) == (coding, EVENTS.encode())


@pytest.mark.parametrize("coding", ["identity", "aws-chunked"])
def test_content_of_no_coding_is_not(tmp_path: Path, coding: str) -> None:
    assert (
        answer(one(tmp_path, response__headers=[{"name": "Content-Encoding", "value": coding}])).encoding
        == ""
    )


def test_a_form_of_which_only_the_parameters_were_kept(tmp_path: Path) -> None:
    """As Charles does."""
    params = [{"name": "a b", "value": "1&2"}, {"name": "c"}]
    data = {"mimeType": "application/x-www-form-urlencoded", "params": params}
    assert one(tmp_path, request__postData=data).request.body == b"a+b=1%262&c="


def test_a_body_that_was_not_saved_is_a_loss(tmp_path: Path) -> None:
    har = HarFile.open(
        har_file(tmp_path, entry(response__content={"size": 512, "mimeType": "text/html"}), entry())
    )
    losses = [record for record in har.records() if isinstance(record, Loss)]
    assert [(loss.exchange, loss.records, loss.bytes) for loss in losses] == [(0, 1, 512)]
    assert har.warnings == [f"{har.path}: 1 responses are without their content: save the HAR with content"]


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_has_no_body_lost_none(tmp_path: Path, status: int) -> None:
    assert one(tmp_path, response__status=status, response__content={"size": 512}).losses == ()


@pytest.mark.parametrize(
    ("error", "how", "message"),
    [
        ("net::ERR_ABORTED", "client-closed", ""),
        ("net::ERR_CONNECTION_RESET", "reset", ""),
        ("net::ERR_INCOMPLETE_CHUNKED_ENCODING", "server-closed", ""),
        ("net::ERR_NAME_NOT_RESOLVED", "error", "net::ERR_NAME_NOT_RESOLVED"),
        ("", "complete", ""),
        (None, "complete", ""),
    ],
)
def test_how_it_ended(tmp_path: Path, error: str | None, how: str, message: str) -> None:
    end = one(tmp_path, response___error=error).end
    assert (end.how, end.message) == (how, message)


@pytest.mark.parametrize(
    "response", [None, {"status": 0}, {"status": None, "content": {}}, {"status": 0, "headers": None}]
)
def test_a_request_without_a_response(tmp_path: Path, response: Any) -> None:
    """Blocked, failed, or still under way."""
    exchange = one(tmp_path, response=response)
    assert exchange.response is None
    assert (exchange.end.how, exchange.end.message) == ("error", "there is no response in the HAR file")


def test_what_a_writer_leaves_out(tmp_path: Path) -> None:
    """Safari, Firefox and scripts leave out or null what the standard wants."""
    bare = {
        "startedDateTime": "2026-11-22T12:00:00",
        "request": {"method": "GET", "url": "http://h/"},
        "response": {"status": 200, "headers": None, "content": None, "statusText": None},
        "timings": {"wait": None, "blocked": None},
        "time": None,
    }
    (exchange,) = imported(tmp_path, bare)
    assert (exchange.request.at, exchange.end.at, exchange.body) == (0, 0, b"")


def test_what_is_no_exchange_is_counted(tmp_path: Path) -> None:
    har = HarFile.open(
        har_file(
            tmp_path,
            entry(),
            entry(request__url="data:text/plain,x"),
            entry(request__url="wss://h/"),
            entry(_resourceType="websocket"),
            entry(_webSocketMessages=[]),
            entry(request__url="chrome-extension://x/y"),
        )
    )
    assert len(har) == 1
    assert har.skipped == {"WebSocket": 3, "data: url": 1, "chrome-extension: url": 1}


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = har_file(tmp_path, entry())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(HarFile.open(path)) == 1


def test_halves_of_characters_are_replaced(tmp_path: Path) -> None:
    r"""mitmproxy writes them for bytes that are no text; whole pairs and what looks like one stay."""
    text = "\udcff \ud83d\ude00 \\ud800 \ud800"
    exchange = one(tmp_path, response__content={"size": 9, "text": text})
    assert exchange.body.decode() == "\ufffd \U0001f600 \\ud800 \ufffd"


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"size": 2, "text": "é"}, b"\xc3\xa9"),
        ({"size": 1, "text": "é"}, b"\xe9"),
        ({"size": 2, "text": "\xc3\xa9"}, b"\xc3\xa9"),
        ({"size": 50, "compression": -48, "text": "\xc3\xa9"}, b"\xc3\xa9"),
        ({"size": 9, "text": "é"}, b"\xc3\xa9"),
        ({"size": 1, "text": "→"}, b"\xe2\x86\x92"),
        ({"text": "é"}, b"\xc3\xa9"),
    ],
)
def test_the_size_tells_which_bytes_a_text_was(tmp_path: Path, content: dict[str, Any], body: bytes) -> None:
    assert one(tmp_path, response__content=content).body == body
    asked = {"request__postData": content, "request__bodySize": len(body)}
    assert one(tmp_path, **asked).request.body == body


def test_a_large_body_is_cut_into_chunks_that_a_reader_takes(tmp_path: Path) -> None:
    size = (16 << 20) + 1
    large = "x" * size
    exchange = one(
        tmp_path, response__content={"size": size, "text": large}, request__postData={"text": large}
    )
    assert [len(chunk.data) for chunk in exchange.chunks] == [16 << 20, 1]
    assert (len(exchange.request.body), [loss.bytes for loss in exchange.losses]) == (16 << 20, [1])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"startedDateTime": "noon"}, 'startedDateTime: expected a time in ISO 8601, found "noon"'),
        ({"startedDateTime": None}, "startedDateTime: expected a time in ISO 8601, found nothing"),
        ({"request__method": 5}, "request.method: expected a method, found 5"),
        ({"request": {}}, "request.method: expected a method, found nothing"),
        ({"request__url": None}, "request.url: expected a url, found nothing"),
        ({"request__url": "/a"}, "request.url: expected an absolute url or a Host header"),
        ({"request": "GET /"}, "request: expected an object"),
        ({"response__content": {"text": "?", "encoding": "base64"}}, "text: expected base64"),
        ({"_eventSourceMessages": [{"eventName": "a\nb"}], "response__content": {}}, "one line"),
    ],
)
def test_an_entry_that_is_none_is_left_out_and_named(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    path = har_file(tmp_path, entry(), entry(**changes))
    file = HarFile.open(path)
    assert len({record.exchange for record in file.records() if isinstance(record, Request)}) == 1
    assert file.skipped == {"that cannot be read": 1}
    (warning,) = file.warnings
    assert warning.startswith(f"{path}, entry 2: left out, ")
    assert why in warning
    with pytest.raises(CassetteError, match=r"entry 1: left out, .* found none that can be read"):
        list(HarFile.open(har_file(tmp_path, entry(**changes))).records())


def test_of_many_that_are_left_out_the_first_are_named(tmp_path: Path) -> None:
    file = HarFile.open(har_file(tmp_path, entry(), *[entry(request={})] * 100))
    assert len(list(file.records())) > 1
    assert (file.skipped.total(), len(file.warnings)) == (100, 20)


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        ({"response__status": "200"}, {}),
        ({"response__status": 200.0}, {}),
        ({"response__headers": {"Content-Type": "text/plain", "A": 2, "B": ["x", "y"]}},
         {"response__headers": [{"name": "Content-Type", "value": "text/plain"}, {"name": "A", "value": "2"},
                                {"name": "B", "value": "x"}, {"name": "B", "value": "y"}]}),
        ({"response__headers": [["A", True], "B: c", {"D": "e"}, 7, {"value": "x"}]},
         {"response__headers": [{"name": "A", "value": "true"}, {"name": "B", "value": "c"},
                                {"name": "D", "value": "e"}]}),
        ({"startedDateTime": 1767225600000}, {"startedDateTime": "2026-01-01T00:00:00Z"}),
        ({"startedDateTime": "1767225600"}, {"startedDateTime": "2026-01-01T00:00:00Z"}),
        ({"startedDateTime": "2026-01-01T01:00:00.000+0100"}, {"startedDateTime": "2026-01-01T00:00:00Z"}),
        ({"response__content": {"text": {"a": 1}}}, {"response__content": {"text": '{"a":1}'}}),
        ({"response__content": {"text": "b2s", "encoding": "base64", "size": "2"}},
         {"response__content": {"text": "ok", "size": 2}}),
        ({"response__content": {"text": "-_8", "encoding": "base64", "size": 2}},
         {"response__content": {"text": "+/8=", "encoding": "base64", "size": 2}}),
        ({"request__postData": {"mimeType": "application/x-www-form-urlencoded", "params": {"a": {"b": 1}}}},
         {"request__postData": {"text": "a=%7B%22b%22%3A1%7D"}}),
        ({"request__postData": "text"}, {"request__postData": {"text": "text"}}),
        ({"timings": {"send": None, "wait": "3", "receive": "x"}}, {"timings": {"wait": 3}}),
        ({"timings": 5, "time": "5"}, {"timings": None, "time": 5}),
        ({"request__url": "/a?b", "request__headers": {"Host": "h.example"}},
         {"request__url": "http://h.example/a?b", "request__headers": [{"name": "Host", "value": "h.example"}]}),
    ],
)  # fmt: skip
def test_a_value_of_a_wrong_type_is_taken_by_its_meaning(
    tmp_path: Path, changes: dict[str, Any], meant: dict[str, Any]
) -> None:
    assert one(tmp_path, **changes) == one(tmp_path, **meant)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"response__status": 0}, "there is no response in the HAR file"),
        ({"response__status": -999}, "there is no response in the HAR file"),
        ({"response__status": "error"}, "error"),
        ({"response__status": None, "response___error": {"code": "x"}}, '{"code":"x"}'),
        ({"response": None}, "there is no response in the HAR file"),
        ({"response___error": "net::ERR_FAILED"}, "net::ERR_FAILED"),
    ],
)
def test_a_request_that_failed_is_no_whole_answer(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    end = one(tmp_path, **changes).end
    assert (end.how, end.message) == ("error", message)


@pytest.mark.parametrize(
    ("content", "body_size", "missing"),
    [
        ({"size": 5}, None, 5),
        ({"size": -1}, None, 0),
        ({"mimeType": "text/plain"}, 7, 7),
        ({}, None, 0),
        (None, -1, 0),
        ({"size": 0}, 9, None),
        ({"size": 0, "text": ""}, 0, None),
        ({"text": ""}, None, None),
        ({}, 0, None),
    ],
)
def test_a_body_that_the_file_does_not_have_is_a_loss(
    tmp_path: Path, content: dict[str, Any] | None, body_size: int | None, missing: int | None
) -> None:
    exchange = one(tmp_path, response__content=content, response__bodySize=body_size)
    assert [loss.bytes for loss in exchange.losses] == ([] if missing is None else [missing])
    assert exchange.body == b""


WHOLE = b'{"log": {"creator": {"name": "x"}, "entries": [%b, %b]}}'


@pytest.mark.parametrize(
    ("write", "count"),
    [
        (lambda text: b"\xef\xbb\xbf" + text, 2),
        (lambda text: text.decode().encode("utf-16"), 2),
        (lambda text: text.decode().encode("utf-16-le"), 2),
        (lambda text: text.decode().encode("utf-16-be"), 2),
        (lambda text: text.replace(b"]}}", b",],}}"), 2),
        (lambda text: text.replace(b'"time": 5', b'"time": NaN'), 2),
        (lambda text: text[len(b'{"log": ') : -1], 2),
        (lambda text: text[text.index(b"[") : -2], 2),
        (lambda text: text[:-40], 1),
        (lambda text: text.replace(b'"name": "x"', b'"name": 5'), 2),
    ],
    ids=[
        "bom",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "commas",
        "nan",
        "bare-log",
        "bare-list",
        "cut",
        "creator",
    ],
)
def test_a_file_is_read_as_people_have_it(
    tmp_path: Path, write: Callable[[bytes], bytes], count: int
) -> None:
    text = json.dumps(entry(time=5, response__content={"size": 9, "text": 'a, ] "b\u00e9'})).encode()
    path = tmp_path / "odd.har"
    path.write_bytes(write(WHOLE % (text, text)))
    file = HarFile.open(path)
    exchanges = [record for record in file.records() if isinstance(record, Chunk)]
    assert [chunk.data for chunk in exchanges] == ['a, ] "b\u00e9'.encode()] * count
    assert len(file.warnings) == (count == 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"log":{}}',
        b'{"log":{"entries":[]}}',
        b'\xff{"log"',
        b"[" * 10_000,
        b'{"chatreel":1}',
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "saved.har"
    path.write_bytes(content)
    with pytest.raises(CassetteError, match="expected") as error:
        HarFile.open(path)
    assert str(error.value).startswith(f"{path}")


@pytest.mark.parametrize(
    "ours",
    [
        {"recordings": [{"chatreel": 1}]},
        {"recordings": [{"kind": "end", "exchange": 0, "at": 0, "how": "complete"}]},
        {"recordings": [], "losses": [{"kind": 5}]},
    ],
)
def test_what_is_not_ours_in_the_log_is_named(tmp_path: Path, ours: Any) -> None:
    with pytest.raises(CassetteError, match="_chatreel"):
        HarFile.open(har_file(tmp_path, entry(), _chatreel=ours))


OURS: dict[str, Any] = {
    "recording": 0,
    "request": {"exchange": 0, "at": 0, "http": "1.1"},
    "response": {"at": 1},
    "chunks": [{"at": 2, "bytes": len(EVENTS)}],
    "losses": [],
    "end": {"at": 3, "how": "complete"},
}
HEADERS = {"recordings": [{"chatreel": 1, "created": "", "recorder": ""}]}


@pytest.mark.parametrize(
    "change",
    [
        {"request": {}},
        {"request": {"exchange": 0, "at": -1, "http": "1.1"}},
        {"end": {"at": 3, "how": "never"}},
        {"chunks": [{"bytes": len(EVENTS)}]},
        {"chunks": 5},
    ],
)
def test_what_is_not_ours_any_more_is_read_as_that_of_another_program(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    records = list(
        HarFile.open(har_file(tmp_path, entry(_chatreel=OURS | change), _chatreel=HEADERS)).records()
    )
    assert [record.data for record in records if isinstance(record, Chunk)] == [EVENTS.encode()]


@pytest.mark.parametrize("sizes", [[], [1], [-1, len(EVENTS) + 1], [None], [1 << 40]])
def test_chunks_that_do_not_fit_the_body_are_made_anew(tmp_path: Path, sizes: list[Any]) -> None:
    ours = OURS | {"chunks": [{"at": 2, "bytes": size} for size in sizes]}
    records = list(HarFile.open(har_file(tmp_path, entry(_chatreel=ours), _chatreel=HEADERS)).records())
    assert [record.data for record in records if isinstance(record, Chunk)] == [EVENTS.encode()]


NUMBERS = st.none() | st.integers(-(10**6), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.none() | st.text(max_size=5)
JUNK = st.none() | st.booleans() | NUMBERS | WORDS | st.lists(st.none(), max_size=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_in_a_field_gives_records_or_one_named_error(tmp_path: Path, data: st.DataObject) -> None:
    fields = ["time", "timings__wait", "timings__send", "response__content__size", "response__status",
              "response__content__text", "request__url"]  # fmt: skip
    changes: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(fields), JUNK | NUMBERS, max_size=3))
    messages = st.fixed_dictionaries({"time": NUMBERS, "eventName": WORDS, "eventId": WORDS, "data": WORDS})
    changes["_eventSourceMessages"] = data.draw(st.lists(messages, max_size=3))
    path = har_file(tmp_path, entry(**changes))
    with contextlib.suppress(CassetteError):
        records: list[AnyRecord] = list(HarFile.open(path).records())
        with Cassette.open(save(tmp_path / "imported.jsonl", records)) as cassette:
            assert len(list(cassette.exchanges())) == 1
