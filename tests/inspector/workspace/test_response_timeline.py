"""The timeline of a response, in pages: the same as the whole one, however it is split and read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.model import Chunk, End, Header, Request, Response, WebSocketMessage
from cassettes.views.timeline import timeline
from inspector.indexing.exchange_facts import FactsGatherer
from inspector.workspace.response_timeline import LARGEST_PAGE, ResponseTimeline, ShownMoment, shown_chunk

HEADER = Header(version=1, created="2026-11-22T12:00:00.000000Z", recorder="test")
BLOCKS = [
    b"event: progress\ndata: {}\n\n",
    b": beat\n\n",
    b"data: a\r\ndata: b\r\n\r\n",
    b"id: 7\ndata: x\n\n",
    b"\xff\n\n",
    b'{"a": 1}\n',
]


def write(
    path: Path, chunks: Sequence[bytes], media_type: str = "text/event-stream", how: str | None = "complete"
):
    """A cassette with one answer."""
    records = [
        HEADER,
        Request(exchange=0, at=3, method="GET", url="http://h/", http="1.1", headers=()),
        Response(exchange=0, at=5, status=200, reason="OK", headers=(("Content-Type", media_type),)),
        *(Chunk(exchange=0, at=10 + 10 * turn, data=data) for turn, data in enumerate(chunks)),
        *([End(exchange=0, at=10 * len(chunks) + 15, how=how)] if how else []),  # type: ignore[arg-type]
    ]
    path.write_bytes(encode(records))


def timeline_of(cassette: Cassette) -> ResponseTimeline:
    pages = ResponseTimeline(cassette, 0, checkpoint_every=3)
    for _ in pages.read_on():
        pass
    return pages


def plain(moment: ShownMoment) -> tuple[object, ...]:
    return (
        moment.at,
        moment.gap,
        moment.what,
        moment.name,
        moment.data,
        moment.id,
        moment.dispatched,
        moment.comments,
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("timeline") / "a.jsonl"


@given(
    st.lists(st.sampled_from(BLOCKS), max_size=20).map(b"".join),
    st.lists(st.integers(0, 300), max_size=20),
    st.sampled_from(["text/event-stream", "application/json", "application/x-ndjson"]),
    st.data(),
)
def test_pages_are_the_time_line(
    path: Path, body: bytes, cuts: list[int], media_type: str, data: st.DataObject
):
    ends = sorted({*(cut for cut in cuts if 0 < cut < len(body)), len(body)} - {0})
    chunks = [body[before:after] for before, after in zip([0, *ends], ends, strict=False)]
    write(path, chunks, media_type)
    with Cassette.open(path) as cassette:
        pages = timeline_of(cassette)
        whole = timeline(cassette.exchange(0))
        since, limit = data.draw(st.integers(0, len(whole) + 1)), data.draw(st.integers(1, 8))
        page = pages.page(since, limit)
        assert [moment.n for moment in page] == list(range(since, min(since + limit, len(whole))))
        expected = [
            (one.at, one.gap, one.what, one.name, one.data, one.id, one.dispatched, one.comments)
            for one in whole
        ]
        assert list(map(plain, page)) == expected[since : since + limit]
        assert (pages.moments, pages.chunks, pages.size, pages.ended) == (
            len(whole),
            len(chunks),
            len(body),
            True,
        )
        first = data.draw(st.integers(0, len(chunks) + 1))
        spans = list(pages.spans(first))
        assert [span.data for span in spans] == chunks[first:]
        assert [span.offset for span in spans] == [
            len(b"".join(chunks[:n])) for n in range(first, len(chunks))
        ]


def test_an_event_says_in_which_chunks_it_came(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    write(path, [b"data: 1\n\ndata: 2", b"\n", b"\ndata: 3\n\ndata: 4\n\n", b"data: 5\n\n", b"data: cut"])
    with Cassette.open(path) as cassette:
        found = [(one.data, one.chunks) for one in timeline_of(cassette).page(0, 100) if one.what == "event"]
    assert found == [
        ("1", (0, 0)),
        ("2", (0, 2)),
        ("3", (2, 2)),
        ("4", (2, 2)),
        ("5", (3, 3)),
        ("cut", (4, 4)),
    ]


def test_it_goes_on_where_it_was(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    blocks = [b"data: %d\n\n" % turn for turn in range(20)]
    write(path, blocks[:10], how=None)
    with Cassette.open(path) as cassette:
        pages = timeline_of(cassette)
        assert (pages.moments, pages.ended) == (11, False)
        write(path, blocks)
        cassette.refresh()
        for _ in pages.read_on():
            pass
        assert (pages.moments, pages.ended) == (22, True)
        assert [one.data for one in pages.page(9, 4)] == ["8", "9", "10", "11"]


def test_a_page_has_the_beginnings_of_long_data_and_not_too_many(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    write(path, [b"data: " + b"x" * 20_000 + b"\n\n"] * 600)
    with Cassette.open(path) as cassette:
        pages = timeline_of(cassette)
        page = pages.page(1, 1000)
        assert {(len(one.data), one.size, one.truncated) for one in page} == {(8192, 20_000, True)}
        assert len(page) == LARGEST_PAGE // 8192
        assert len(next(pages.read(1)).data) == 20_000


def test_bytes_that_are_no_text_are_shown_as_they_are(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    write(path, [b"\xff\x00", "ü".encode()[:1], b"x" * 70_000], "application/octet-stream")
    with Cassette.open(path) as cassette:
        found = [shown_chunk(span) for span in timeline_of(cassette).spans(0)]
    assert [(one.text, one.base64) for one in found[:2]] == [(None, b"\xff\x00"), (None, "ü".encode()[:1])]
    assert (len(found[2].text or ""), found[2].size) == (65_536, 70_000)


def test_behind_its_last_event_an_exchange_is_complete(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    delta = b'data: {"choices": [{"index": 0, "delta": {"content": "Hi"}}]}\n\n'
    for last, how in ((b"data: [DONE]\n\n", "complete"), (b"", "client-closed")):
        write(path, [delta, last] if last else [delta], how="client-closed")
        with Cassette.open(path) as cassette:
            pages = timeline_of(cassette)
            assert (pages.how, pages.page(0, 9)[-1].name) == (how, how)
            gatherer = FactsGatherer(cassette.request(0))
            for record in cassette.records():
                if isinstance(record, Response | Chunk | End):
                    gatherer.add(record)
            assert gatherer.facts().how == how


def test_messages_of_a_websocket_are_moments(tmp_path: Path):
    request = Request(exchange=0, at=3, method="GET", url="http://h/", http="1.1", headers=())
    response = Response(exchange=0, at=5, status=101, reason="Switching Protocols", headers=())
    messages = [
        WebSocketMessage(exchange=0, at=7, sender="client", opcode=1, data=b"hi"),
        WebSocketMessage(exchange=0, at=9, sender="server", opcode=8, data=b"\x03\xe8bye"),
    ]
    path = tmp_path / "socket.jsonl"
    path.write_bytes(encode([HEADER, request, response, *messages, End(exchange=0, at=9, how="complete")]))
    with Cassette.open(path) as cassette:
        page = timeline_of(cassette).page(0, 9)
    assert [(moment.at, moment.what, moment.name, moment.data) for moment in page][1:-1] == [
        (4, "event", "client", "hi"),
        (6, "event", "server, close", "1000 bye"),
    ]
