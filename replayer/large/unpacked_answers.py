"""Unpacks large answers, each once for all clients that ask the same origin, and keeps those that were used last."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import NamedTuple

from cachetools import LRUCache

from replayer.exchange_number import ReplayExchange
from replayer.large.shared_file import shared_file
from replayer.large.unpacked_answer import UnpackedAnswer
from replayer.large.worker import Worker
from replayer.large.worker_messages import AnswerUnpacked, UnpackAnswer
from replayer.matching.fresh_values import FreshValue
from replayer.schedule.pace import Pace
from replayer.selection.recordings import Recordings

MOST_KEPT = 1 << 30
"""Bytes of unpacked answers that are kept in files; those that are being played stay until they have ended."""


class AnswerKey(NamedTuple):
    """What an unpacked answer depends on."""

    exchange: ReplayExchange
    origin: str
    pace: Pace
    fresh: tuple[FreshValue, ...]


class UnpackedAnswers:
    """The large answers of recordings; `worker` unpacks them."""

    def __init__(self, recordings: Recordings, worker: Worker, kept: int = MOST_KEPT) -> None:
        self._recordings = recordings
        self._worker = worker
        self._kept: LRUCache[AnswerKey, UnpackedAnswer] = LRUCache(kept, getsizeof=lambda one: one.size + 1)
        self._under_way: dict[AnswerKey, asyncio.Task[UnpackedAnswer]] = {}

    async def get(self, key: AnswerKey) -> UnpackedAnswer:
        """Return an answer; raises LargeWorkFailed."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._unpack(key))
            task.add_done_callback(lambda _task: self._under_way.pop(key))
        return await asyncio.shield(task)  # a client that leaves does not take it from the others

    async def _unpack(self, key: AnswerKey) -> UnpackedAnswer:
        tokens = sorted(self._recordings.finder(self._recordings.session_of(key.exchange)).values)
        with shared_file() as path:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                unpacked = await self._worker.ask(
                    lambda: self._question(key, tokens, str(path)), AnswerUnpacked
                )
            except BaseException:
                os.close(descriptor)
                raise
        answer = UnpackedAnswer(unpacked, descriptor)
        if answer.size < self._kept.maxsize:
            self._kept[key] = answer
        return answer

    def _question(self, key: AnswerKey, tokens: Sequence[str], path: str) -> UnpackAnswer:
        return UnpackAnswer(
            lines=self._recordings.places(key.exchange),
            origin=key.origin,
            pace=key.pace,
            fresh=key.fresh,
            tokens=list(tokens),
            path=path,
        )

    async def close(self) -> None:
        """Stop what is being unpacked."""
        under_way = list(self._under_way.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        self._kept.clear()
