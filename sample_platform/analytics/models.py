"""What the platform keeps: who asked what in which conversation, and what the chatbot answered."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class ChatSession(models.Model):
    """A conversation of one user."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_sessions")
    date_created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first."""

        db_table = "analytics_chatsessions"
        ordering = ("-date_created",)

    def __str__(self) -> str:
        return str(self.id)


class ChatMessage(models.Model):
    """A question with its answer."""

    chat_session = models.ForeignKey(ChatSession, on_delete=models.CASCADE, related_name="messages")
    query_str = models.TextField(blank=True)
    response_str = models.TextField()
    sources = models.JSONField(default=list, blank=True)
    date_created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        """The table has the name that the users' documents query."""

        db_table = "analytics_chatmessages"
        ordering = ("date_created", "id")

    def __str__(self) -> str:
        return self.query_str[:80]
