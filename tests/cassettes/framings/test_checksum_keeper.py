from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM
from cassettes.framings.checksum_keeper import ChecksumKeeper
from cassettes.framings.event import Event

DATA = st.lists(st.text(max_size=20), max_size=4)


def encoded(data):
    return b"".join(AWS_EVENT_STREAM.encode(Event(data=one)) for one in data)


def changed(before, after, cuts, lag=0):
    """What is written where bytes come in pieces, and those after the change lag behind."""
    ends = sorted({0, *(cut for cut in cuts if cut < len(before)), len(before)})
    keeper, written, given_on = ChecksumKeeper(), b"", 0
    for begin, end in pairwise(ends):
        reached = max(given_on, end - lag)
        written += keeper.feed(before[begin:end], after[given_on:reached])
        given_on = reached
    return written + keeper.feed(b"", after[given_on:]) + keeper.rest()


@given(DATA, st.sets(st.integers(1, 300)), st.integers(0, 20))
def test_what_does_not_change_stays(data, cuts, lag):
    body = encoded(data) + b"\0\0\0\x40 half a frame"
    assert changed(body, body, cuts, lag) == body


@given(DATA, st.sets(st.integers(1, 300)), st.integers(0, 20))
def test_what_changes_gets_its_checksum(data, cuts, lag):
    before, after = encoded([f"{one} hunter2" for one in data]), encoded([f"{one} ohnhkx1" for one in data])
    assert changed(before, before.replace(b"hunter2", b"ohnhkx1"), cuts, lag) == after


@given(st.binary(max_size=60), st.sets(st.integers(1, 60)))
def test_any_bytes_keep_their_length(body, cuts):
    assert changed(body, body, cuts) == body


def test_a_checksum_that_was_wrong_stays():
    body = bytearray(encoded(["hunter2"]))
    body[-1] ^= 1
    other = bytes(body).replace(b"hunter2", b"ohnhkx1")
    assert changed(bytes(body), other, {9}) == other
