"""Everything that one test replays and records."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chatreel.test_server.cassette_lookup import FoundCassette, existing, find
from chatreel.test_server.explanation import explain
from chatreel.test_server.recording import CassetteRecorders, ProxiedChatbot
from chatreel.test_server.replay import ThreadedReplay, replaying
from chatreel.test_server.replay_options import settings_of
from replayer.server import ReplaySettings

type RunningChatbot = ThreadedReplay | ProxiedChatbot
"""A chatbot that is played, or a live one that is recorded. Both have the same members."""


class TestChatbots:
    """The chatbots of one test, in the order in which it started them.

    `recorders` says what the test may record.
    """

    __test__ = False

    def __init__(self, recorders: CassetteRecorders) -> None:
        self._recorders = recorders
        self._running: list[RunningChatbot] = []
        self._watched: list[RunningChatbot] = []
        self._passed = False
        self._stack = contextlib.ExitStack()

    def __getitem__(self, number: int) -> RunningChatbot:
        return self._running[number]

    def start(
        self, cassettes: Sequence[str], options: dict[str, Any], folders: Sequence[Path]
    ) -> RunningChatbot:
        """Play cassettes, or record one of the live chatbot, when the test run is to.

        Raises UsageError, CassetteError and ServerError.
        """
        upstream, allow_misses = options.pop("upstream", ""), options.pop("allow_misses", False)
        settings = settings_of(options, folders)
        found = [find(name, folders) for name in cassettes]
        chatbot = self._stack.enter_context(self._chatbot(found, folders, upstream, settings))
        self._running.append(chatbot)
        if not allow_misses:
            self._watched.append(chatbot)
        return chatbot

    def _chatbot(
        self,
        found: Sequence[FoundCassette],
        folders: Sequence[Path],
        upstream: str,
        settings: ReplaySettings,
    ) -> contextlib.AbstractContextManager[RunningChatbot]:
        if self._recorders.record(found) and not settings.options.plan.faults:  # a test of faults replays
            return self._recorders.recording(found, upstream, lambda: self._passed)
        if self._recorders.add(found):
            return self._recorders.adding(found, upstream, settings, lambda: self._passed)
        return replaying(existing(found, folders, upstream), settings)

    def explain_new_misses(self) -> str:
        """Return the misses that are not allowed, since this was called last, for a person to read."""
        return explain([miss for chatbot in self._watched for miss in chatbot.take_new_misses()])

    def close(self, *, passed: bool) -> None:
        """End all, and keep what was recorded if the test `passed`. Raises CassetteError."""
        self._passed = passed
        self._stack.close()
