"""The queue between a chat's thread and its page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from platform_client.events import HEARTBEAT, ClientEvent
from sample_platform.analytics.page_queue import PageQueue, encoded

ROOM = 1 << 20


def events(*types: str) -> list[ClientEvent]:
    return [ClientEvent(kind, str(place)) for place, kind in enumerate(types)]


def through(
    offered: Iterable[ClientEvent], *, size: int = 100, room: int = ROOM, gone: bool = False
) -> list[bytes]:
    """What comes out of a queue whose page reads only when everything has been offered."""

    async def run() -> list[bytes]:
        queue = PageQueue(size, room)
        for event in offered:
            queue.offer(event)
        if gone:
            queue.close()
        queue.end()
        out = []
        while (block := await queue.next(20)) is not None:
            out.append(block)
        return out

    return asyncio.run(run())


def test_events_keep_their_order() -> None:
    offered = events("progress", "heartbeats", "progress", "result", "complete")
    assert through(offered) == [encoded(event) for event in offered]


def test_a_page_that_reads_slowly_loses_progress_and_never_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    offered = events("progress", "progress", "progress", "result", "result", "error", "complete")
    assert through(offered, size=2) == [encoded(offered[place]) for place in (0, 1, 3, 5, 6)]
    assert [line for line in caplog.messages if "dropped" in line] == [
        "⚠️ Queue full (2 events): dropped 'progress' of 25 bytes",
        "⚠️ Queue full (3 events): dropped 'result' of 23 bytes",
    ]


def test_its_bytes_are_bounded_too() -> None:
    long, short = ClientEvent("progress", "x" * 500), ClientEvent("progress", "x")
    answer = ClientEvent("result", "x" * 5000)
    offered = [long, long, short, answer, short]
    assert through(offered, room=600) == [encoded(event) for event in (long, short, answer)]


def test_what_was_read_makes_room_again() -> None:
    long = ClientEvent("progress", "x" * 500)

    async def run() -> list[bytes | None]:
        queue = PageQueue(100, 600)
        out = []
        for _ in range(3):
            queue.offer(long)
            out.append(await queue.next(20))
        return out

    assert asyncio.run(run()) == [encoded(long)] * 3


def test_nothing_is_kept_for_a_page_that_has_gone() -> None:
    assert through(events("progress", "result"), gone=True) == []


def test_silence_gives_a_heartbeat() -> None:
    async def run() -> bytes | None:
        return await PageQueue(1, ROOM).next(0.01)

    assert asyncio.run(run()) == encoded(HEARTBEAT)


def test_a_loop_that_has_ended_is_no_defect_of_the_chat() -> None:
    async def make() -> PageQueue:
        return PageQueue(1, ROOM)

    asyncio.run(make()).offer(ClientEvent("result", "{}"))
