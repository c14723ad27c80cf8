"""The queue between a chat's thread and its page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from platform_client.events import ClientEvent
from sample_platform.analytics.page_queue import PageQueue


def events(*types: str) -> list[ClientEvent]:
    return [ClientEvent(kind, str(place)) for place, kind in enumerate(types)]


def through(queue_size: int, offered: Iterable[ClientEvent], *, gone: bool = False) -> list[ClientEvent]:
    """What comes out of a queue whose page reads only when everything has been offered."""

    async def run() -> list[ClientEvent]:
        queue = PageQueue(queue_size)
        for event in offered:
            queue.offer(event)
        if gone:
            queue.close()
        queue.offer(None)
        out = []
        while (event := await queue.next(0.01 if gone else 20)) is not None and event.type != "heartbeat":
            out.append(event)
        return out

    return asyncio.run(run())


def test_events_keep_their_order() -> None:
    offered = events("progress", "heartbeats", "progress", "result", "complete")
    assert through(100, offered) == offered


def test_a_page_that_reads_slowly_loses_progress_and_never_the_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    offered = events("progress", "progress", "progress", "result", "result", "error", "complete")
    assert [event.data for event in through(2, offered)] == ["0", "1", "3", "5", "6"]
    assert [line for line in caplog.messages if "dropped" in line] == [
        "⚠️ Queue full (2 events): dropped 'progress'",
        "⚠️ Queue full (2 events): dropped 'result'",
    ]


def test_nothing_is_kept_for_a_page_that_has_gone() -> None:
    assert through(100, events("progress", "result"), gone=True) == []


def test_a_loop_that_has_ended_is_no_defect_of_the_chat() -> None:
    async def make() -> PageQueue:
        return PageQueue(1)

    asyncio.run(make()).offer(ClientEvent("result", "{}"))
