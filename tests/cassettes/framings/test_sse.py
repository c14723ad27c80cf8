from __future__ import annotations

import tracemalloc
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cassettes.framings import sse
from cassettes.framings.event import Event
from cassettes.framings.sse import Decoder

CASES: dict[str, tuple[bytes, list[Event]]] = {
    "nothing": (b"", []),
    "blank lines only": (b"\n\r\n\r\n", []),
    "one event": (b"data: hi\n\n", [Event(data="hi")]),
    "named": (b"event: progress\ndata: {}\n\n", [Event(type="progress", data="{}")]),
    "CRLF": (b"event: a\r\ndata: 1\r\n\r\n", [Event(type="a", data="1")]),
    "CR": (b"event: a\rdata: 1\r\r", [Event(type="a", data="1")]),
    "mixed line ends": (b"data: 1\r\ndata: 2\rdata: 3\n\r\n", [Event(data="1\n2\n3")]),
    "CR then LF CR": (b"data: 1\r\n\r\ndata: 2\n\r", [Event(data="1"), Event(data="2")]),
    "BOM": (b"\xef\xbb\xbfdata: 1\n\n", [Event(data="1")]),
    "one BOM only": (b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\n", [Event(dispatched=False)]),
    "BOM later": (b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n", [Event(data="1"), Event(dispatched=False)]),
    "half a BOM": (b"\xef\xbb", [Event(dispatched=False, cut=True)]),
    "multi-line data": (b"data: a\ndata: b\ndata\n\n", [Event(data="a\nb\n")]),
    "empty data": (b"data:\n\ndata\n\n", [Event(data=""), Event(data="")]),
    "no space after colon": (b"data:x\n\n", [Event(data="x")]),
    "one space is taken": (b"data:  x \n\n", [Event(data=" x ")]),
    "a tab is not": (b"data:\tx\n\n", [Event(data="\tx")]),
    "colons in a value": (b"data: a:b: c\n\n", [Event(data="a:b: c")]),
    "empty name": (b"event: a\nevent:\ndata: x\n\n", [Event(data="x")]),
    "last name counts": (b"event: a\nevent: b\ndata: x\n\n", [Event(type="b", data="x")]),
    "unknown fields": (b"x: y\nDATA: z\n data: z\ndata: x\n\n", [Event(data="x")]),
    "no data": (b"event: a\n\ndata: x\n\n", [Event(type="a", dispatched=False), Event(data="x")]),
    "comments": (b": beat\n:\n\n", [Event(dispatched=False, comments=("beat", ""))]),
    "comment in an event": (b"data: x\n:note\n\n", [Event(data="x", comments=("note",))]),
    "id stays": (b"id: 7\ndata: a\n\ndata: b\n\n", [Event(data="a", id="7"), Event(data="b", id="7")]),
    "id without data": (b"id: 7\n\ndata: b\n\n", [Event(id="7", dispatched=False), Event(data="b", id="7")]),
    "id is reset": (b"id: 7\ndata: a\n\nid\ndata: b\n\n", [Event(data="a", id="7"), Event(data="b")]),
    "id with NUL": (
        b"id: 7\ndata: a\n\nid: 8\x00\ndata: b\n\n",
        [Event(data="a", id="7"), Event(data="b", id="7")],
    ),
    "retry": (b"retry: 2500\n\n", [Event(retry=2500, dispatched=False)]),
    "retry is of one block": (b"retry: 1\ndata: a\n\ndata: b\n\n", [Event(retry=1, data="a"), Event(data="b")]),
    "retry must be digits": (b"retry: 1.5\nretry: -1\nretry: 1s\nretry:\ndata: a\n\n", [Event(data="a")]),
    "retry in other digits": ("retry: ٣\nretry: ²\ndata: a\n\n".encode(), [Event(data="a")]),
    "retry of many digits": (b"retry: " + b"9" * 5000 + b"\ndata: a\n\n", [Event(data="a")]),
    "cut before the blank line": (b"data: a\n", [Event(data="a", dispatched=False, cut=True)]),
    "cut inside a line": (b"event: result\ndata: par", [Event(type="result", data="par", dispatched=False, cut=True)]),
    "cut after CR": (b"data: a\r", [Event(data="a", dispatched=False, cut=True)]),
    "ended by CR": (b"data: a\r\r", [Event(data="a")]),
    "cut comment": (b": be", [Event(comments=("be",), dispatched=False, cut=True)]),
    "not UTF-8": (b"data: a\xff\xe2\x82\ndata: \xf0\n\n", [Event(data="a��\n�")]),
    "UTF-8": ("data: né€😀\n\n".encode(), [Event(data="né€😀")]),
    "NUL in data": (b"data: a\x00b\n\n", [Event(data="a\x00b")]),
    "other breaks are text": ("data: a\x0b\x0c\x85\u2028b\n\n".encode(), [Event(data="a\x0b\x0c\x85\u2028b")]),
}  # fmt: skip

streams = st.lists(
    st.sampled_from(
        b"\n|\r|\r\n|data|:| |id|event|retry|0|9|x|\0|\xef\xbb\xbf|\xef|\xe2\x82\xac|\xff|data: a\n\n".split(
            b"|"
        )
    ),
    max_size=40,
).map(b"".join)


def decode(chunks: list[bytes]) -> list[Event]:
    """All events of chunks, without their times."""
    decoder = Decoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    last = decoder.close()
    return [*events, last] if last else events


def split(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[begin:end] for begin, end in pairwise(edges)]


@pytest.mark.parametrize("name", CASES)
def test_a_stream_gives_its_events_whole_and_byte_by_byte(name: str) -> None:
    stream, expected = CASES[name]
    assert decode([stream]) == expected
    assert decode([bytes([byte]) for byte in stream]) == expected


@settings(max_examples=300)
@given(st.sampled_from(sorted(CASES)), st.lists(st.integers(0, 10_000), max_size=5))
def test_a_stream_gives_its_events_at_any_split(name: str, cuts: list[int]) -> None:
    stream, expected = CASES[name]
    assert decode(split(stream, cuts)) == expected


@given(streams | st.binary(max_size=60), st.lists(st.integers(0, 10_000), max_size=8))
def test_any_bytes_give_the_same_events_at_any_split(stream: bytes, cuts: list[int]) -> None:
    assert decode(split(stream, cuts)) == decode([stream])


def test_an_event_has_the_time_of_the_chunk_that_completed_it() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\n", 10) == []
    assert [event.at for event in decoder.feed(b"\ndata: b\n\nda", 20)] == [20, 20]
    assert decoder.feed(b"ta: c\r\n", 30) == []
    # A CR ends the line at once: its LF, if there is one, tells nothing new.
    assert [event.at for event in decoder.feed(b"\r", 40)] == [40]
    assert decoder.feed(b"\ndata: d", 50) == []
    assert decoder.close(60) == Event(data="d", at=60, dispatched=False, cut=True)


def test_nothing_is_left_after_a_whole_stream() -> None:
    decoder = Decoder()
    decoder.feed(b"data: a\n\n")
    assert decoder.close() is None


@pytest.mark.parametrize("size", [1, 100])
def test_a_line_without_end_is_neither_copied_nor_scanned_again(size: int) -> None:
    """What a chunk costs must not grow with the line: a copy of it would be seen as memory."""
    decoder = Decoder()
    decoder.feed(b"data: " + b"x" * 4_000_000)
    decoder.feed(b"x" * size)  # the buffer moves, and has room from then on
    tracemalloc.start()
    try:
        for _ in range(20):
            decoder.feed(b"x" * size)
            assert decoder._scanned == len(decoder._buffer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000
    assert decoder.feed(b"\n\n")[0].data == "x" * (4_000_000 + 21 * size)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
one_line = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=10)
events = st.builds(
    Event,
    type=one_line.filter(bool),
    data=text.map(lambda data: data.replace("\r", "\n")),
    id=one_line,
    retry=st.none() | st.integers(0, 10**18 - 1),
    comments=st.lists(one_line, max_size=3).map(tuple),
)


@given(events)
def test_an_event_survives_encoding(event: Event) -> None:
    assert decode([sse.encode(event)]) == [event]


@given(st.lists(events, max_size=4))
def test_an_encoded_event_never_touches_the_next(sequence: list[Event]) -> None:
    # An id stays until the next one, so each has one here.
    sequence = [msgspec.structs.replace(event, id=event.id or "0") for event in sequence]
    encoded = [sse.encode(event) for event in sequence]
    assert decode([b"".join(encoded)]) == sequence


def test_an_event_looks_as_servers_write_it() -> None:
    event = Event(type="progress", data="a\nb", id="7", retry=10, comments=("note",))
    assert sse.encode(event) == b": note\nid: 7\nevent: progress\nretry: 10\ndata: a\ndata: b\n\n"
    assert sse.encode(Event(data="")) == b"data: \n\n"
    assert sse.encode(Event(dispatched=False, comments=("",))) == b": \n\n"


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_a_line_end_in_data_or_comment_begins_another_line_of_it(line_end: str) -> None:
    injected = f"a{line_end}{line_end}event: error"
    assert decode([sse.encode(Event(data=injected))]) == [Event(data="a\n\nevent: error")]
    assert decode([sse.encode(Event(data="x", comments=(injected,)))]) == [
        Event(data="x", comments=("a", "", "event: error"))
    ]


@pytest.mark.parametrize(
    "event", [Event(type="a\nb"), Event(type="a\rb"), Event(id="a\nb"), Event(id="a\r"), Event(id="a\0")]
)
def test_what_would_break_the_framing_is_refused(event: Event) -> None:
    with pytest.raises(ValueError, match="one line"):
        sse.encode(event)
