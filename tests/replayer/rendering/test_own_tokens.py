from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM
from cassettes.framings.event import Event
from cassettes.model import Chunk, End, Exchange, Request, Response
from cassettes.tokens.finder import TokenFinder
from replayer.rendering.own_tokens import with_own_tokens
from replayer.selection.token_minting import mint

BODY = 'data: {"job_id": "job_ab12", "text": "Grüße von job_ab12", "next": "/jobs/job_ab12"}\n\n'.encode()
HEADERS = (
    ("Set-Cookie", "s=sess-0001; Path=/"),
    ("X-Name", "caf\xe9 job_ab12"),
    ("Content-Length", str(len(BODY))),
)


def exchange(pieces, headers=HEADERS):
    request = Request(exchange=0, at=0, method="GET", url="http://h/", http="1.1", headers=())
    return Exchange(
        number=0,
        request=request,
        response=Response(exchange=0, at=1, status=200, reason="OK", headers=headers),
        chunks=tuple(Chunk(exchange=0, at=2 + n, data=piece) for n, piece in enumerate(pieces)),
        end=End(exchange=0, at=100, how="complete"),
    )


def own(value):
    return mint(value, seed=7, session=3, attempt=0)


def cut(data, places):
    return [data[start:stop] for start, stop in itertools.pairwise([0, *sorted(places), len(data)])]


@given(st.lists(st.integers(0, len(BODY)), max_size=12))
def test_lengths_and_times_stay_wherever_chunks_are_cut(places):
    recorded = exchange(cut(BODY, places))
    mine = with_own_tokens(recorded, TokenFinder(["job_ab12", "sess-0001"]), own)
    assert [(chunk.at, len(chunk.data)) for chunk in mine.chunks] == [
        (chunk.at, len(chunk.data)) for chunk in recorded.chunks
    ]
    assert mine.body == BODY.replace(b"job_ab12", own("job_ab12").encode())
    assert mine.response.headers == (
        ("Set-Cookie", f"s={own('sess-0001')}; Path=/"),
        ("X-Name", f"caf\xe9 {own('job_ab12')}"),
        HEADERS[2],
    )
    assert (mine.request, mine.end, mine.number) == (recorded.request, recorded.end, recorded.number)


@pytest.mark.parametrize("values", [(), ("job_zz99",)])
def test_an_exchange_without_tokens_is_the_very_same(values):
    recorded = exchange([BODY])
    assert with_own_tokens(recorded, TokenFinder(values), own) is recorded


def test_an_exchange_without_a_response_is_the_very_same():
    recorded = Exchange(
        number=0,
        request=exchange([]).request,
        response=None,
        chunks=(),
        end=End(exchange=0, at=0, how="reset"),
    )
    assert with_own_tokens(recorded, TokenFinder(["job_ab12"]), own) is recorded


def test_a_token_in_the_headers_alone_is_replaced():
    mine = with_own_tokens(exchange([]), TokenFinder(["sess-0001"]), own)
    assert mine.response.headers[0] == ("Set-Cookie", f"s={own('sess-0001')}; Path=/")


def test_frames_with_checksums_stay_whole():
    body = b"".join(
        AWS_EVENT_STREAM.encode(Event(data=f'{{"toolUseId": "job_ab12", "n": {n}}}')) for n in range(3)
    )
    headers = (("Content-Type", "application/vnd.amazon.eventstream"),)
    mine = with_own_tokens(exchange(cut(body, [5, 90]), headers), TokenFinder(["job_ab12"]), own)
    found = AWS_EVENT_STREAM.decoder().feed(mine.body)
    assert [event.dispatched for event in found] == [True] * 3
    assert all(own("job_ab12") in event.data for event in found)
