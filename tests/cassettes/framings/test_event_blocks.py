from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings import event_blocks
from cassettes.framings.event_blocks import Blocks
from cassettes.framings.sse import SSE, Decoder

LINES = [b"data: 1", b"data: \xc3\xa9", b"event: result", b"id: 7", b": ping", b"retry: 10", b"data", b""]
BODIES = st.builds(
    lambda bom, lines: bom + b"".join(line + end for line, end in lines),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(st.tuples(st.sampled_from(LINES), st.sampled_from([b"\n", b"\r", b"\r\n"])), max_size=12),
)


def found(pieces):
    """Each block's event, and where it ends in the whole."""
    search, passed, all_found = Blocks(SSE), 0, []
    for piece in pieces:
        all_found += [(block.event, passed + block.end) for block in search.feed(piece)]
        passed += len(piece)
    return all_found


@given(BODIES, st.sets(st.integers(1, 100)))
def test_any_split_gives_the_events_of_the_whole_and_ends_right_behind_each(body, cuts):
    ends = sorted({0, *(cut for cut in cuts if cut < len(body)), len(body)})
    blocks = found([body[begin:end] for begin, end in pairwise(ends)])
    assert [event for event, _ in blocks] == Decoder().feed(body)
    for number, (_, end) in enumerate(blocks, 1):
        assert len(Decoder().feed(body[:end])) == number
        assert len(Decoder().feed(body[:end].rstrip(b"\r\n"))) == number - 1


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        (b"data: 1\n\ndata: 2\n\n", [9, 18]),
        (b"data: 1\r\n\r\ndata: 2\r\n\r\n", [11, 22]),
        (b"data: 1\r\rdata: 2\r\r", [9, 18]),
        (b"\n\n: ping\n\n\ndata: 1\n\n", [10, 20]),
        (b"\xef\xbb\xbfdata: 1\n\n", [12]),
        (b"data: 1\n", []),
    ],
)
def test_where_blocks_end(body, ends):
    assert [end for _, end in found([body])] == ends


def test_in_a_stream_with_an_endless_block_no_more_is_found(monkeypatch):
    monkeypatch.setattr(event_blocks, "LONGEST", 100)
    search = Blocks(SSE)
    assert len(list(search.feed(b"data: 1\n\n" + b"x" * 100))) == 1
    assert [list(search.feed(data)) for data in (b"x", b"\n\n", b"data: 2\n\n")] == [[], [], []]


def test_many_short_blocks_are_no_long_one(monkeypatch):
    monkeypatch.setattr(event_blocks, "LONGEST", 10)
    assert len(found([b"data: 1\n\ndata: ", b"2\n\ndata: 3\n\n"] * 9)) == 27
