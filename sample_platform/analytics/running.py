"""The chats that run now, in this process."""

from __future__ import annotations

import threading
import uuid

from platform_client.events import error_event
from sample_platform.analytics.chat import Chat

SHUTTING_DOWN = error_event("The platform is shutting down")

PARTING = 1.0
"""Seconds that all threads together have to end."""


class TooMany(Exception):
    """No other chat can begin now."""


class RunningChats:
    """Chats by their ids, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chats: dict[uuid.UUID, Chat] = {}

    def start(self, chat: Chat, limit: int) -> None:
        """Start a chat. Raises TooMany when there are `limit` already."""
        with self._lock:
            if len(self._chats) >= limit:
                raise TooMany
            self._chats[chat.id] = chat
        chat.start(self._ended)

    def find(self, chat_id: uuid.UUID, user_id: int) -> Chat | None:
        """The user's chat of this id; None when there is none, or when it has ended."""
        with self._lock:
            chat = self._chats.get(chat_id)
        return chat if chat is not None and chat.user_id == user_id else None

    def stop_all(self) -> None:
        """Stop them, tell their pages why, and wait for the threads, though not for long."""
        with self._lock:
            chats = list(self._chats.values())
        for chat in chats:
            chat.stop(SHUTTING_DOWN)
        for chat in chats:
            chat.join(PARTING / len(chats))

    def _ended(self, chat: Chat) -> None:
        with self._lock:
            del self._chats[chat.id]


RUNNING = RunningChats()
