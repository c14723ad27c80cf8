from __future__ import annotations

import os
import tempfile
from array import array
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.tokens.finder import TokenFinder
from replayer.http1.encoder import USUAL, Client, script
from replayer.large.unpacked_answer import LargeScript, UnpackedAnswer
from replayer.large.worker_messages import AnswerUnpacked
from replayer.schedule.actions import Data, Finish, Head

TOKENS = ["job_ab12", "a/b+c=0001", "7654321"]


def own(token):
    return token[::-1] if token.isdigit() else token[:-2] + "zz"


def unpacked(schedule, tokens=()):
    """An answer as the process would unpack it."""
    chunks = [action for action in schedule if isinstance(action, Data)]
    body = b"".join(chunk.data for chunk in chunks)
    ends = array("Q")
    for chunk in chunks:
        ends.append((ends[-1] if ends else 0) + len(chunk.data))
    found = list(TokenFinder(tokens).matches(body)) if tokens else []
    with tempfile.TemporaryFile() as file:
        file.write(body)
        file.flush()
        descriptor = os.dup(file.fileno())
    return UnpackedAnswer(
        AnswerUnpacked(
            requested_at=0,
            head=schedule[0],
            finish=schedule[-1],
            times=array("q", [chunk.at for chunk in chunks]).tobytes(),
            ends=ends.tobytes(),
            tokens=list(tokens),
            token_starts=array("Q", [match.start for match in found]).tobytes(),
            token_stops=array("Q", [match.stop for match in found]).tobytes(),
            token_values=array("I", [tokens.index(match.value) for match in found]).tobytes(),
            token_spellings=bytes(match.spelling for match in found),
        ),
        descriptor,
    )


words = st.lists(st.sampled_from([*TOKENS, "job_ab123", "a%2Fb%2Bc%3D0001", "x", "{", '"']), max_size=30)


@given(words, st.lists(st.integers(0, 300), max_size=6))
def test_any_pieces_have_the_clients_tokens_in_their_places(parts, cuts):
    body = " ".join(parts).encode()
    answer = unpacked((Head(0, 200, "", ()), Data(0, body), Finish(0, "complete")), TOKENS)
    edges = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    pieces = [answer.read(start, stop, own) for start, stop in pairwise(edges)]
    assert b"".join(pieces) == TokenFinder(TOKENS).replace(body, own)


LENGTH = 200_000


@pytest.mark.parametrize(
    "client", [Client("1.1"), Client("1.0"), Client("1.0 keep-alive"), Client(page="null")]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("how", ["complete", "close", "hang"])
@pytest.mark.parametrize(
    "headers",
    [
        (("Transfer-Encoding", "chunked"),),
        (("Content-Length", str(LENGTH + 8)),),
        (("Content-Length", "7"),),
        (),
    ],
)
def test_a_large_answer_is_sent_as_a_small_one(client, method, how, headers):
    schedule = (
        Head(5, 200, "OK", headers),
        Data(7, b"a" * LENGTH),
        Data(9, b"b" * 8),
        Finish(20, how),
    )
    small = script(schedule, method, client)
    cursor = LargeScript(unpacked(schedule), schedule[0], method, client, own).begin()
    received, at = [], 0
    while (at := cursor.next_at()) is not None:
        assert cursor.due(at - 1, 1000) == b""
        received.append((at, cursor.due(at, 1000)))
    joined = {}
    for at, data in received:
        joined[at] = joined.get(at, b"") + data
    expected = {}
    for frame in small.frames:
        expected[frame.at] = expected.get(frame.at, b"") + frame.data
    assert {at: data for at, data in joined.items() if data} == expected
    assert (cursor.after, cursor.ends) == (small.after, small.ends)


def test_a_piece_is_never_much_longer_than_asked_for():
    schedule = (Head(0, 200, "OK", ()), Data(0, bytes(10 << 20)), Finish(0, "complete"))
    cursor = LargeScript(unpacked(schedule), schedule[0], "GET", USUAL, own).begin()
    sizes = []
    while data := cursor.due(0, 64 << 10):
        sizes.append(len(data))
    assert max(sizes) < 200_000
    assert sum(sizes) > 10 << 20
