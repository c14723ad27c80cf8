"""The chatbot that the settings name."""

from __future__ import annotations

from django.conf import settings

from platform_client.client import PlatformClient
from platform_client.cookie_log import PLATFORM


def client() -> PlatformClient:
    """A client with a session of its own. Raises UsageError for settings that cannot be."""
    return PlatformClient(
        settings.CHATBOT_DEEP_STREAM_URL,
        poll_interval=settings.CHATBOT_POLL_INTERVAL,
        max_poll_time=settings.MAX_POLL_TIMEOUT_SECONDS,
        wording=PLATFORM,
    )
