"""What is kept, in Django's admin: to look at and to delete, not to edit."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from sample_platform.analytics.models import ChatMessage, ChatSession


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """A model that the chats write, and nobody else."""

    date_hierarchy = "date_created"

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody changes what was said."""
        return False


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyAdmin):
    """Conversations."""

    list_display = ("id", "user", "date_created")
    list_filter = ("user",)


@admin.register(ChatMessage)
class ChatMessageAdmin(ReadOnlyAdmin):
    """Questions with their answers."""

    list_display = ("query_str", "date_created", "chat_session")
    search_fields = ("query_str", "response_str")
