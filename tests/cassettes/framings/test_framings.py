"""What holds for every framing: any split gives the same events, and what it writes is read again."""

from __future__ import annotations

import struct
from itertools import pairwise
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM, frame, string
from cassettes.framings.delimited import CODED_LINES, JSON_LINES, NUL_SEPARATED
from cassettes.framings.event import Event
from cassettes.framings.json_sequence import JSON_SEQUENCE
from cassettes.framings.multipart import Multipart
from cassettes.framings.sse import SSE

MULTIPART = Multipart("x")
FRAMINGS = [SSE, JSON_LINES, NUL_SEPARATED, CODED_LINES, JSON_SEQUENCE, AWS_EVENT_STREAM, MULTIPART]
BY_NAME = pytest.mark.parametrize("framing", FRAMINGS, ids=lambda framing: framing.name)
TYPED = pytest.mark.parametrize(
    "framing", [SSE, CODED_LINES, AWS_EVENT_STREAM, MULTIPART], ids=lambda one: one.name
)

DATA = st.sampled_from(['{"a": 1}', '{"text": "höher [\\"]"}', '"x"', '{"a": {"b": [1, 2]}}', "[]"])
CUTS = st.sets(st.integers(1, 400))
END = {MULTIPART: b"--x--\r\n"}


def split(body, cuts):
    ends = sorted({0, *(cut for cut in cuts if cut < len(body)), len(body)})
    return [body[begin:end] for begin, end in pairwise(ends)]


def read(framing, pieces):
    """All events, with the number of their piece as the time."""
    decoder = framing.decoder()
    found = [event for at, piece in enumerate(pieces) for event in decoder.feed(piece, at)]
    last = decoder.close(len(pieces))
    return found if last is None else [*found, last]


def told(events):
    return [(event.type, event.data, event.dispatched, event.cut, event.comments) for event in events]


def written(framing, data):
    return b"".join(framing.encode(Event(data=one)) for one in data) + END.get(framing, b"")


@BY_NAME
@given(data=st.lists(DATA, max_size=5), cuts=CUTS)
def test_what_is_written_is_read_at_any_split(framing, data, cuts):
    assert [event.data for event in read(framing, split(written(framing, data), cuts))] == data


@BY_NAME
@given(body=st.binary(max_size=60), cuts=CUTS)
def test_any_bytes_give_the_same_events_at_any_split(framing, body, cuts):
    assert told(read(framing, split(body, cuts))) == told(read(framing, [body]))


@BY_NAME
@given(body=st.lists(st.sampled_from(
    [b"\x1e", b"\n", b"\r\n", b"\0", b'{"a": [1', b"]}", b'"\\"{"', b"--x", b"--", b"0:", b"data: 1", b"\n\n"]
), max_size=14).map(b"".join), cuts=CUTS)  # fmt: skip
def test_any_marks_give_the_same_events_at_any_split(framing, body, cuts):
    assert told(read(framing, split(body, cuts))) == told(read(framing, [body]))


@BY_NAME
@given(data=st.lists(DATA, min_size=1, max_size=4), cuts=CUTS)
def test_blocks_end_where_the_bytes_of_their_events_end(framing, data, cuts):
    decoder, body, passed, ends = framing.decoder(), written(framing, data), 0, []
    for piece in split(body, cuts):
        ends += [passed + block.end for block in decoder.blocks(piece)]
        passed += len(piece)
    raws = [body[begin:end] for begin, end in pairwise([0, *ends])]
    assert [framing.data(raw).decode() for raw in raws] == data
    assert raws == [framing.encode(Event(data=one)) for one in data]


@BY_NAME
@given(data=DATA, other=DATA)
def test_an_event_with_other_data_is_as_if_it_had_been_written_so(framing, data, other):
    raw = framing.encode(Event(data=data))
    assert framing.with_data(raw, other.encode()) == framing.encode(Event(data=other))
    assert framing.with_data(raw, data.encode()) == raw


@TYPED
def test_an_event_with_another_type(framing):
    kind = "3" if framing is CODED_LINES else "error"
    raw = framing.with_type(framing.encode(Event(data="{}")), kind)
    assert told(read(framing, [raw + END.get(framing, b"")])) == [(kind, "{}", True, False, ())]


@BY_NAME
def test_damaged_events_are_still_events(framing):
    raw = framing.encode(Event(data='{"a": 1}'))
    half, bad = framing.with_half_the_data(raw), framing.with_bad_byte(raw)
    events = read(framing, [half + bad + raw + END.get(framing, b"")])
    assert [event.data for event in events] == ['{"a"', '{"a"\ufffd: 1}', '{"a": 1}']


CASES = {
    "JSON lines of several kinds": (JSON_LINES, b'{"a":1}\r\n\n{"b":2}\n', ['{"a":1}', '{"b":2}']),
    "the last line needs no end": (JSON_LINES, b'{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']),
    "NUL": (NUL_SEPARATED, b'{"a":\n1}\0{"b":2}\0', ['{"a":\n1}', '{"b":2}']),
    "coded lines": (CODED_LINES, b'0:"Hel"\n0:"lo"\nd:{"finishReason":"stop"}\n',
                    ['"Hel"', '"lo"', '{"finishReason":"stop"}']),
    "a text over several lines": (JSON_SEQUENCE, b'\x1e{"a":\n[1,\n2]}\n\x1e{"b":2}\n', ['{"a":\n[1,\n2]}', '{"b":2}']),
    "a sequence without line feeds": (JSON_SEQUENCE, b'\x1e{"a":1}\x1e{"b":2}', ['{"a":1}', '{"b":2}']),
    "parts with other line ends": (MULTIPART, b"pre\n--x\nContent-Type: application/json\n\n{}\n--x--", ["{}"]),
    "a part without headers": (MULTIPART, b"--x\r\n\r\nhi\r\n--x--\r\nbehind", ["hi"]),
}  # fmt: skip


@pytest.mark.parametrize(("framing", "body", "data"), CASES.values(), ids=CASES)
def test_as_servers_write(framing, body, data):
    events = read(framing, [body])
    assert [event.data for event in events] == data
    assert all(event.dispatched for event in events)


@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (JSON_LINES, b'{"a":1}\n{"b":'),
        (NUL_SEPARATED, b'{"a":1}\0{"b":'),
        (JSON_SEQUENCE, b'\x1e{"a":1}\n\x1e{"b":'),
        (MULTIPART, b'--x\r\n\r\n{"a":1}\r\n--x\r\n\r\n{"b":'),
        (AWS_EVENT_STREAM, frame([string(":event-type", "a")], b'{"a":1}') + b"\0\0\0\x40"),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_an_event_that_the_end_cuts(framing, body):
    whole, cut = read(framing, [body])
    assert (whole.data, whole.dispatched, whole.cut) == ('{"a":1}', True, False)
    assert (cut.dispatched, cut.cut) == (False, True)


def test_a_text_that_the_next_separator_cuts():
    cut, whole = read(JSON_SEQUENCE, [b'\x1e{"a":\x1e{"b":2}\n'])
    assert (cut.data, cut.dispatched, whole.data, whole.dispatched) == ('{"a":', False, '{"b":2}', True)


def test_a_frame_is_written_as_aws_describes_it():
    raw = frame([string(":event-type", "ab"), ("n", 4, b"\0\0\0\x07")], b"{}")
    head = b"\x0b:event-type\x07\x00\x02ab" + b"\x01n\x04\x00\x00\x00\x07"
    prelude = struct.pack(">II", 16 + len(head) + 2, len(head))
    body = prelude + struct.pack(">I", crc32(prelude)) + head + b"{}"
    assert raw == body + struct.pack(">I", crc32(body))
    assert told(read(AWS_EVENT_STREAM, [raw])) == [("ab", "{}", True, False, ())]
    assert AWS_EVENT_STREAM.with_type(raw, "c") == frame(
        [string(":event-type", "c"), ("n", 4, b"\0\0\0\x07")], b"{}"
    )


def test_an_exception_is_an_event_of_its_type():
    headers = [string(":message-type", "exception"), string(":exception-type", "throttlingException")]
    assert read(AWS_EVENT_STREAM, [frame(headers, b'{"message":"slow"}')])[0].type == "throttlingException"


def test_wrong_checksums_are_said():
    raw = bytearray(AWS_EVENT_STREAM.encode(Event(data='{"a":1}')))
    raw[-6] ^= 1
    (event,) = read(AWS_EVENT_STREAM, [bytes(raw)])
    assert (event.dispatched, event.comments) == (False, ("the checksum of the frame is wrong",))
    good = AWS_EVENT_STREAM.encode(Event(data="1"))
    events = read(AWS_EVENT_STREAM, [good, bytes([*good[:3], 77, *good[4:]]), good])
    assert [event.cut for event in events] == [False, True]
    assert "length is wrong" in events[1].comments[0]


def test_frames_whose_headers_cannot_be_read():
    head = b"\x05:a"
    lengths = struct.pack(">II", 16 + len(head), len(head))
    body = lengths + struct.pack(">I", crc32(lengths)) + head
    (event,) = read(AWS_EVENT_STREAM, [body + struct.pack(">I", crc32(body))])
    assert event.comments == ("the headers of the frame cannot be read",)


def test_what_coded_lines_cannot_say():
    with pytest.raises(ValueError, match="one character"):
        CODED_LINES.encode(Event(type="error", data="{}"))
