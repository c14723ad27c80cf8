"""What is spelled out over several events is replaced in each of them."""

from __future__ import annotations

import json
from itertools import pairwise
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.aws_event_stream import CHECKSUM, PRELUDE
from cassettes.model import Chunk, End, Request, Response
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import parse_rules

KEY = b"a key that tests may keep secret"
SSE = "text/event-stream"
KNOWN = "kN0wn4aB7xQ2"

CASES = {
    "john@example.org": ["email"],
    "+49 30 1234567": ["phone"],
    "4111 1111 1111 1111": ["card"],
    "INT-774412": ["regex:INT-[0-9]+"],
    "sk-proj-" + "aB3dE5gH7jK9mN0pQ2": [],
    KNOWN: [],
}

WRAPS = {
    "OpenAI": lambda text: {"choices": [{"index": 0, "delta": {"content": text}}]},
    "Anthropic": lambda text: {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}},
    "a token": lambda text: {"token": text},
    "the contract": lambda text: {"response": text, "n": 1},
}


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[begin:end] for begin, end in pairwise(places)]


def framed(values: list[object], media: str) -> list[bytes]:
    if media == SSE:
        return [f"data: {json.dumps(value)}\n\n".encode() for value in values]
    return [f"{json.dumps(value)}\n".encode() for value in values]


def redacted(
    chunks: list[bytes], rules: list[str], media: str = SSE, *, batched: bool = False
) -> list[bytes]:
    redactor = Redactor(parse_rules(rules), key=KEY)
    known = f'{{"password": "{KNOWN}"}}'.encode()
    redactor.feed(
        [Request(exchange=9, at=0, method="POST", url="http://h/", http="1.1", headers=(), body=known)]
    )
    records = [
        Response(exchange=0, at=0, status=200, reason="OK", headers=(("Content-Type", media),)),
        *(Chunk(exchange=0, at=at, data=data) for at, data in enumerate(chunks)),
        End(exchange=0, at=9, how="complete"),
    ]
    batches = [records] if batched else [[record] for record in records]
    written = [record for batch in batches for record in redactor.feed(batch)]
    assert [type(record) for record in written] == [type(record) for record in records]
    return [record.data for record in written if isinstance(record, Chunk)]


@pytest.mark.parametrize("secret", CASES)
@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("media", [SSE, "application/x-ndjson"])
def test_it_is_replaced_and_all_else_stays(secret, wrap, media):
    wrapped = WRAPS[wrap]
    middle = len(secret) // 2
    spoken = ["Ask ", secret[:2], secret[2:middle], secret[middle:], " or me.", "\n"]
    chunks = framed([wrapped(text) for text in spoken], media)
    written = redacted(chunks, CASES[secret], media)
    assert list(map(len, written)) == list(map(len, chunks))
    assert [written[0], *written[4:]] == [chunks[0], *chunks[4:]]
    texts = [chunk.removeprefix(b"data: ") for chunk in written[1:4]]
    shown = [json.loads(text) for text in texts]
    for before, after in zip(spoken[1:4], shown, strict=True):
        assert wrapped(before).keys() == after.keys()
    assert secret not in "".join(map(str, shown))
    assert written[1:4] != chunks[1:4]


@given(
    st.sampled_from(sorted(CASES)),
    st.lists(st.integers(0, 30), max_size=6),
    st.lists(st.integers(0, 900), max_size=8),
    st.booleans(),
)
def test_it_is_gone_however_events_and_chunks_are_cut(secret, cuts, borders, batched):
    spoken = ["Write to ", *pieces_of(secret, cuts), ", please.\n"]
    stream = b"".join(framed([{"delta": {"content": text}} for text in spoken], SSE))
    places = [0, *sorted(min(border, len(stream)) for border in borders), len(stream)]
    chunks = [stream[begin:end] for begin, end in pairwise(places)]
    written = redacted(chunks, CASES[secret], batched=batched)
    assert list(map(len, written)) == list(map(len, chunks))
    text = "".join(
        json.loads(line.removeprefix("data: "))["delta"]["content"]
        for line in b"".join(written).decode().split("\n\n")
        if line
    )
    assert len(text) == len("".join(spoken))
    assert secret not in text
    assert text.startswith("Write to ")
    assert text.endswith(", please.\n")


def test_the_whole_and_its_pieces_have_one_stand_in():
    chunks = framed([{"text": "jo"}, {"text": "hn@ex"}, {"text": "ample.org"}, {"text": " "}], SSE)
    whole = framed([{"note": "john@example.org"}], SSE)
    *pieces, _, last = (json.loads(data[6:]) for data in redacted([*chunks, *whole], ["email"]))
    assert "".join(piece["text"] for piece in pieces) == last["note"]


def test_escapes_in_pieces_are_kept():
    chunks = [
        b'data: {"text": "\\u006ao"}\n\n',
        b'data: {"text": "hn@ex"}\n\n',
        b'data: {"text": "ample.org "}\n\n',
    ]
    written = redacted(chunks, ["email"])
    assert list(map(len, written)) == list(map(len, chunks))
    assert written[0].startswith(b'data: {"text": "\\u00')
    assert "john" not in "".join(json.loads(data[6:])["text"] for data in written)


def test_an_endless_candidate_is_given_up():
    chunks = framed([{"text": "a" * 60} for _ in range(3000)], SSE)
    redactor = Redactor(parse_rules(["email"]), key=KEY)
    redactor.feed([Response(exchange=0, at=0, status=200, reason="OK", headers=(("Content-Type", SSE),))])
    released = 0
    for data in chunks:
        released += len(redactor.feed([Chunk(exchange=0, at=0, data=data)]))
    assert released > 1000


def frame(payload: bytes) -> bytes:
    head = PRELUDE.pack(16 + len(payload), 0, 0)[:8]
    body = head + CHECKSUM.pack(crc32(head)) + payload
    return body + CHECKSUM.pack(crc32(body))


@given(st.lists(st.integers(0, 260), max_size=6))
def test_frames_keep_valid_checksums(borders):
    texts = ["Ask ", "john@", "example.org", " or sk-", "aB3dE5gH7jK9mN0pQ2.", "\n"]
    frames = [frame(json.dumps({"delta": {"text": text}}).encode()) for text in texts]
    stream = b"".join(frames)
    places = [0, *sorted(min(border, len(stream)) for border in borders), len(stream)]
    chunks = [stream[begin:end] for begin, end in pairwise(places)]
    written = redacted(chunks, ["email"], "application/vnd.amazon.eventstream")
    assert list(map(len, written)) == list(map(len, chunks))
    result, at = b"".join(written), 0
    spoken = ""
    for one in frames:
        found = result[at : at + len(one)]
        at += len(one)
        assert CHECKSUM.unpack(found[-4:])[0] == crc32(found[:-4])
        spoken += json.loads(found[12:-4])["delta"]["text"]
    assert len(spoken) == len("".join(texts))
    assert "john" not in spoken
    assert "aB3dE5" not in spoken
    assert spoken.startswith("Ask ")


def test_a_frame_that_was_broken_stays_so():
    broken = frame(b'{"password": "hunter2x9"}')[:-1] + b"\0"
    (written,) = redacted([broken], [], "application/vnd.amazon.eventstream")
    assert b"hunter2x9" not in written
    assert written[-4:] == broken[-4:]
