"""When requests are made: in their order, at the recorded distances when asked for, and side by side."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from cassettes.samples import resolve
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings
from tests.cassettes.talk import Talk
from tests.comparison.live_run.bot import EVENTS, LAST, Received, event, reply

SECOND = 1_000_000


def conversations(*names: str, requests: int = 3) -> Talk:
    """Clients that speak in turns, one a second."""
    talk = Talk()
    for number in range(requests):
        for name in names:
            cookie = f"s=sess-{name}-0001"
            at = talk.add(
                f"/{name}/{number}",
                cookies=cookie if number else "",
                gives=[] if number else [cookie],
                answer={},
            )
            talk.at(at, at * SECOND)
    return talk


def starts(done) -> list[int]:
    return [exchange.request.at - done.exchanges[0].request.at for exchange in done.exchanges]


def test_the_recorded_pace_keeps_the_distances_of_requests_and_sessions(live):
    talk = conversations("a", "b")
    talk.at(5, 60 * SECOND)
    done, bot = live(talk, lambda _: reply(), leap=True, pace="recorded")
    assert [request.target for request in bot.received] == ["/a/0", "/b/0", "/a/1", "/b/1", "/a/2", "/b/2"]
    assert starts(done) == [0, SECOND, 2 * SECOND, 3 * SECOND, 4 * SECOND, 60 * SECOND]


def test_full_pace_waits_for_answers_alone(live):
    done, bot = live(conversations("a"), lambda _: reply(), leap=True)
    assert [request.target for request in bot.received] == ["/a/0", "/a/1", "/a/2"]
    assert starts(done) == [0, 0, 0]


def test_requests_of_a_session_wait_for_the_answers_before_them(live):
    async def slowly(request: Received) -> bytes:
        turn = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(0.01, turn.set_result, None)
        await turn
        return reply()

    _, bot = live(conversations("a"), slowly)
    assert bot.most == 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_sessions_go_on_side_by_side_up_to_a_bound(live, concurrency):
    together = asyncio.Barrier(concurrency)
    done_sessions = []

    async def answer(_request: Received) -> bytes:
        await together.wait()  # unless as many are here at once, this never ends
        return reply()

    talk = conversations("a", "b", "c", "d", "e", "f")
    done, bot = live(
        talk, answer, concurrency=concurrency, progress=lambda *state: done_sessions.append(state)
    )
    assert bot.most == concurrency
    assert done.hows == ["answered"] * 18
    assert done_sessions == [(number, 6) for number in range(7)]


def overlapping(*, token: str = "") -> Talk:
    """A stream, and a request that was made while it was under way."""
    talk = Talk()
    talk.add("/stream", body={"query": "hi"}, gives=["s=sess-000001"], answer={"run": token or "none"})
    talk.add(f"/cancel/{token}", cookies="s=sess-000001", body={}, answer={})
    talk.add("/after", cookies="s=sess-000001", answer={})
    long = talk.exchanges[0]
    talk.exchanges[0] = replace(long, end=replace(long.end, at=10 * SECOND))
    talk.at(1, 2 * SECOND)
    talk.at(2, 12 * SECOND)
    return talk


@pytest.mark.parametrize("pace", ["full", "recorded"])
@pytest.mark.parametrize("token", ["", "run-000001"])
def test_a_request_in_the_middle_of_an_answer_is_made_in_its_middle(live, pace, token):
    cancelled = asyncio.Event()

    async def stream():
        yield EVENTS.replace(b"text/event-stream", b"application/json\r\nSet-Cookie: s=live; Path=/")
        yield event({"run": "live"}).replace(b"data: ", b"      ")
        await cancelled.wait()
        yield LAST

    def answer(request: Received):
        if request.target == "/stream":
            return stream()
        if request.target.startswith("/cancel"):
            cancelled.set()
        return reply()

    done, bot = live(overlapping(token=token), answer, leap=True, pace=pace)
    assert [request.target for request in bot.received] == [
        "/stream", "/cancel/live" if token else "/cancel/", "/after",
    ]  # fmt: skip
    assert done.hows == ["answered"] * 3
    if pace == "recorded":
        assert starts(done) == [0, 2 * SECOND, 12 * SECOND]


def test_a_request_that_was_in_the_middle_does_not_wait_when_the_answer_is_short(live):
    done, bot = live(overlapping(), lambda _: reply(), pace="full")
    assert [request.target for request in bot.received] == ["/stream", "/cancel/", "/after"]
    assert done.hows == ["answered"] * 3
    assert starts(done)[2] < SECOND


@pytest.mark.parametrize("pace", [0, 0.02])
@pytest.mark.parametrize("sample", ["stream", "history", "error"])
def test_streams_of_any_pace_are_recorded_to_their_end(run, sample, pace):
    async def main():
        async with server.run(ChatbotSettings(pace=pace, heartbeat=0.5)) as origin:
            return await run(resolve(sample), origin)

    done = asyncio.run(main())
    assert done.hows == ["answered"]
    (exchange,) = done.exchanges
    assert exchange.end.how == "complete"
    assert (b"event: error" in exchange.body) == (sample == "error")
    assert [chunk.at for chunk in exchange.chunks] == sorted(chunk.at for chunk in exchange.chunks)
