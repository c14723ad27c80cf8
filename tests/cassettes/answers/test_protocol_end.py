from __future__ import annotations

import pytest
from msgspec.structs import replace

from cassettes.answers.protocol_end import completed
from cassettes.model import Chunk, End, Exchange, Request, Response
from replayer.schedule.actions import Finish
from replayer.schedule.from_exchange import schedule_of
from tests.cassettes.answers.conversations_of_protocols import PROTOCOLS, written

KNOWN = [name for name in PROTOCOLS if name != "unknown"]


def left(name, chunks, how="client-closed"):
    """An exchange whose client, or whoever else, left behind these chunks."""
    return Exchange(
        number=0,
        request=Request(exchange=0, at=0, method="POST", url="http://h/", http="1.1", headers=()),
        response=Response(
            exchange=0, at=1, status=200, reason="OK", headers=(("Content-Type", PROTOCOLS[name].media),)
        ),
        chunks=tuple(Chunk(exchange=0, at=2, data=chunk) for chunk in chunks),
        end=End(exchange=0, at=3, how=how),
    )


@pytest.mark.parametrize("how", ["client-closed", "unfinished"])
@pytest.mark.parametrize("name", KNOWN)
def test_behind_its_last_event_an_exchange_is_complete_and_replays_so(name, how):
    exchange = left(name, written(name), how)
    assert completed(exchange) == replace(exchange, end=End(exchange=0, at=3, how="complete"))
    assert schedule_of(exchange)[-1] == Finish(3, "complete")


@pytest.mark.parametrize("name", PROTOCOLS)
def test_before_its_last_event_it_is_as_it_was_left(name):
    exchange = left(name, written(name)[:-1])
    assert completed(exchange) is exchange
    assert schedule_of(exchange)[-1] == Finish(3, "close")


@pytest.mark.parametrize("how", ["server-closed", "reset", "error", "complete"])
def test_what_a_server_did_at_the_end_stays(how):
    exchange = left("openai-chat", written("openai-chat"), how)
    assert completed(exchange) is exchange


def test_an_end_whose_event_did_not_come_whole_is_none():
    chunks = written("openai-chat")
    chunks[-1] = chunks[-1].removesuffix(b"\n")
    exchange = left("openai-chat", chunks)
    assert completed(exchange) is exchange
