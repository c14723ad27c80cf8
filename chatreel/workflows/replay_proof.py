"""Proves a replay: sends every recorded request again and compares the response chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from cassettes import model
from foundation.clock import Clock
from foundation.http.headers import first

PATIENCE = 600.0
"""Seconds of silence after which a replay is given up."""


@dataclass
class Proof:
    """How many exchanges were compared, and the numbers of those that differ.

    `errors` has by how many microseconds each chunk was off, counted from the first chunk of its stream.
    """

    exchanges: int = 0
    different: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)


def prove(exchanges: Iterator[model.Exchange], replay: str, clock: Clock) -> Proof:
    """Send each request in turn to the replay server at the url `replay`, and compare what arrives."""
    proof = Proof()
    with requests.Session() as session:
        session.trust_env = False
        for exchange in exchanges:
            arrived = list(send_again(session, exchange.request, replay, clock))
            proof.exchanges += 1
            if not same_bytes(exchange, arrived):
                proof.different.append(exchange.number)
            proof.errors += offsets_off(exchange, arrived)
    return proof


def send_again(
    session: requests.Session, request: model.Request, replay: str, clock: Clock
) -> Iterator[tuple[int, bytes]]:
    """The chunks of the response to a request, each with the time of its arrival in microseconds.

    A body that has a `Content-Length` comes in one piece. One that breaks off ends there.
    """
    parts = urlsplit(request.url)
    target = parts._replace(scheme="", netloc="").geturl() or "/"
    headers = {name: value for name, value in request.headers if name.lower() != "host"}
    response = session.request(
        request.method,
        replay + target,
        headers=headers,
        data=request.body,
        stream=True,
        allow_redirects=False,
        timeout=PATIENCE,
    )
    with response:
        try:
            pieces = response.raw.read_chunked() if response.raw.chunked else response.iter_content(None)
            for piece in pieces:
                yield clock.now(), piece
        except (HTTPError, requests.RequestException):
            return


def same_bytes(exchange: model.Exchange, arrived: list[tuple[int, bytes]]) -> bool:
    """Whether every chunk arrived as recorded; without chunked framing, whether the body did."""
    chunks = [chunk.data for chunk in exchange.chunks if chunk.data]
    pieces = [data for _, data in arrived]
    response = exchange.response
    chunked = response is not None and first(response.headers, "transfer-encoding").lower() == "chunked"
    return pieces == chunks if chunked else b"".join(pieces) == b"".join(chunks)


def offsets_off(exchange: model.Exchange, arrived: list[tuple[int, bytes]]) -> Iterator[int]:
    """By how much the distance of each chunk from the first differs from the recorded one."""
    chunks = [chunk for chunk in exchange.chunks if chunk.data]
    for chunk, (at, _) in list(zip(chunks, arrived, strict=False))[1:]:
        yield abs((at - arrived[0][0]) - (chunk.at - chunks[0].at))
