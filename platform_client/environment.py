"""The settings that the platform takes from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from foundation.errors import UsageError

DEFAULT_POLL_INTERVAL = 2.0


def chatbot_url(environ: Mapping[str, str]) -> str | None:
    """`CHATBOT_DEEP_STREAM_URL`, else `CHATBOT_DEEP_URL` with `/stream` added when its path lacks it.

    None when neither is set. Raises UsageError when the second is no url.
    """
    if stream_url := environ.get("CHATBOT_DEEP_STREAM_URL"):
        return stream_url
    base = environ.get("CHATBOT_DEEP_URL")
    return with_stream(base) if base else None


def with_stream(url: str) -> str:
    """The url with `/stream` at the end of its path, unless the path has such a segment already."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(f"CHATBOT_DEEP_URL: {url!r} is no url: {error}") from error
    if "stream" in parts.path.split("/"):
        return url
    return parts._replace(path=f"{parts.path.rstrip('/')}/stream").geturl()


def poll_interval(environ: Mapping[str, str]) -> float:
    """`CHATBOT_POLL_INTERVAL` in seconds, 2 when it is not set. Raises UsageError when it cannot be."""
    text = environ.get("CHATBOT_POLL_INTERVAL") or str(DEFAULT_POLL_INTERVAL)
    try:
        interval = float(text)
    except ValueError:
        interval = 0.0
    if not interval > 0:  # written so that NaN fails too
        raise UsageError(f"CHATBOT_POLL_INTERVAL: {text!r} is no number of seconds; write one such as 2.0")
    return interval
