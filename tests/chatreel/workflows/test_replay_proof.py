"""The demo's proof can fail: it sees a byte, a boundary and a length that are not as recorded."""

from __future__ import annotations

import pytest

from cassettes.model import Chunk, End, Exchange, Request, Response
from chatreel.workflows.replay_proof import offsets_off, prove, same_bytes
from foundation.clock import SYSTEM


def exchange(*chunks: tuple[int, bytes], chunked: bool = True) -> Exchange:
    headers = (("Transfer-Encoding", "chunked"),) if chunked else ()
    return Exchange(
        number=0,
        request=Request(exchange=0, at=0, method="GET", url="http://x/", http="1.1", headers=()),
        response=Response(exchange=0, at=5, status=200, reason="OK", headers=headers),
        chunks=tuple(Chunk(exchange=0, at=at, data=data) for at, data in chunks),
        end=End(exchange=0, at=99, how="complete"),
    )


@pytest.mark.parametrize(
    ("chunked", "arrived", "same"),
    [
        (True, [b"one", b"two"], True),
        (True, [b"onetwo"], False),
        (True, [b"one", b"tw0"], False),
        (True, [b"one"], False),
        (False, [b"onetwo"], True),
        (False, [b"o", b"netwo"], True),
        (False, [b"onetw"], False),
    ],
)
def test_bytes_and_boundaries_are_compared(chunked, arrived, same):
    recorded = exchange((10, b"one"), (15, b""), (20, b"two"), chunked=chunked)
    assert same_bytes(recorded, [(0, data) for data in arrived]) == same


def test_times_count_from_the_first_chunk():
    recorded = exchange((10, b"a"), (30, b"b"), (60, b"c"))
    assert list(offsets_off(recorded, [(1000, b"a"), (1021, b"b"), (1049, b"c")])) == [1, 1]


def test_a_server_that_answers_otherwise_is_found_out(raw_server, read_request):
    def talk(connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nTWO\r\n0\r\n\r\n")

    proof = prove(iter([exchange((10, b"two"))]), raw_server(talk).url, SYSTEM)
    assert (proof.exchanges, proof.different) == (1, [0])
