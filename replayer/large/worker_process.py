"""The process that reads, matches and unpacks what would keep the replay's event loop for too long."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path
from typing import IO

import msgspec

from cassettes.file import format_v1
from cassettes.file.reader import LinePlace, assemble
from cassettes.model import CassetteExchange, Exchange, Request
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.places import sent
from foundation.errors import ChatreelError
from foundation.processes import prepare_worker
from replayer.http1.request_parser import NOT_RECORDED
from replayer.large.worker_messages import (
    AnswerUnpacked,
    CompareRequest,
    Done,
    Failed,
    LoadRequest,
    Question,
    Reply,
    RequestCompared,
    RequestLoaded,
    RequestTranslated,
    SaveBody,
    TranslateRequest,
    UnpackAnswer,
    receive_question,
    send,
)
from replayer.matching.decoded_request import decoded
from replayer.matching.distance import distance
from replayer.matching.matcher import EVERYTHING, Match
from replayer.rendering.echoes import with_echoes
from replayer.rendering.own_address import with_own_urls
from replayer.schedule.actions import Data, Finish, Head
from replayer.schedule.from_exchange import schedule_of
from replayer.selection.token_translation import with_tokens_replaced

NICENESS = 5
"""The process's niceness: small requests go before large ones."""

LATEST = 2**62
"""The latest time that an array of signed 64 bits is given; the timers' own bound is below it."""


def main() -> None:
    """Answer the questions on stdin, until it ends."""
    prepare_worker(NICENESS)
    run(sys.stdin.buffer, sys.stdout.buffer)


def run(inward: IO[bytes], outward: IO[bytes]) -> None:
    """Answer questions until the pipe ends."""
    desk = RequestDesk()
    while (question := receive_question(inward)) is not None:
        try:
            reply = unpack(question) if isinstance(question, UnpackAnswer) else desk.answer(question)
        except (ChatreelError, format_v1.NotARecord, OSError, MemoryError) as error:
            reply = Failed(str(error) or type(error).__name__)
        send(outward, reply)


class RequestDesk:
    """Holds the request that was loaded last."""

    def __init__(self) -> None:
        self._match: Match = EVERYTHING
        self._loaded = self._request = Request(
            exchange=NOT_RECORDED, at=0, method="", url="", http="", headers=()
        )

    def answer(self, question: Question) -> Reply:
        """Return the reply to a question about a request."""
        match question:
            case LoadRequest():
                return self._load(question)
            case TranslateRequest():
                finder = TokenFinder(question.recorded)
                self._request = with_tokens_replaced(self._loaded, finder, question.recorded.__getitem__)
                return RequestTranslated(self._key())
            case CompareRequest():
                return self._compare(question)
            case SaveBody():
                write_to(question.path, self._request.body)
                return Done()
            case _:
                raise AssertionError(f"{type(question).__name__} is no question about a request")

    def _load(self, question: LoadRequest) -> RequestLoaded:
        body = Path(question.body_file).read_bytes() if question.body_file else question.body
        self._loaded = self._request = decoded(
            Request(
                exchange=NOT_RECORDED,
                at=0,
                method=question.method,
                url=question.url,
                http="1.1",
                headers=question.headers,
                body=body,
            )
        )
        self._match = question.match
        wanted = frozenset(question.tokens)
        places = sent(self._loaded) if wanted else ()
        found = dict.fromkeys(place.value for place in places if place.value in wanted)
        return RequestLoaded(list(found), self._key())

    def _key(self) -> bytes:
        request = self._request
        return self._match.fingerprint(request.method, request.url, request.headers, request.body)

    def _compare(self, question: CompareRequest) -> RequestCompared:
        compared = []
        for place, line in enumerate(question.candidates):
            recorded = line.record()
            assert isinstance(recorded, Request)
            compared.append((place, self._match.differences(self._request, recorded)))
        compared.sort(key=lambda pair: distance(pair[1]))
        return RequestCompared(compared[: question.nearest])


def unpack(question: UnpackAnswer) -> AnswerUnpacked:
    """Write the body of an answer to the file, and return the rest of it."""
    exchange = read_exchange(question.lines)
    own = with_own_urls(exchange, question.origin)
    echoing = with_echoes(own, question.fresh) if question.fresh else own
    schedule = question.pace.apply(schedule_of(echoing))
    times, ends = array("q"), array("Q")
    head = schedule[0] if isinstance(schedule[0], Head) else None
    body = bytearray()
    for action in schedule:
        if isinstance(action, Data):
            body += action.data
            times.append(min(action.at, LATEST))
            ends.append(len(body))
    write_to(question.path, body)
    finish = schedule[-1]
    assert isinstance(finish, Finish)
    found = list(TokenFinder(question.tokens).matches(bytes(body))) if question.tokens else []
    places = {value: place for place, value in enumerate(question.tokens)}
    return AnswerUnpacked(
        requested_at=exchange.request.at,
        head=head,
        finish=msgspec.structs.replace(finish, at=min(finish.at, LATEST)),
        times=times.tobytes(),
        ends=ends.tobytes(),
        tokens=question.tokens,
        token_starts=array("Q", (match.start for match in found)).tobytes(),
        token_stops=array("Q", (match.stop for match in found)).tobytes(),
        token_values=array("I", (places[match.value] for match in found)).tobytes(),
        token_spellings=bytes(match.spelling for match in found),
    )


def write_to(path: str, data: bytes | bytearray) -> None:
    """Write data to a file that exists."""
    with Path(path).open("r+b") as file:
        file.write(data)


def read_exchange(lines: list[LinePlace]) -> Exchange:
    """Read the exchange whose lines these are, the request's first."""
    request, *answer = (line.record() for line in lines)
    assert isinstance(request, Request)
    return assemble(CassetteExchange(0), request, answer)
