"""The settings that the platform takes from environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from foundation.errors import UsageError

DEFAULT_POLL_INTERVAL = 2.0
DEFAULT_MAX_POLL_TIME = 300.0


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
    return positive(environ, "CHATBOT_POLL_INTERVAL", DEFAULT_POLL_INTERVAL)


def max_poll_time(environ: Mapping[str, str]) -> float:
    """`MAX_POLL_TIMEOUT_SECONDS`, 300 when it is not set. Raises UsageError when it cannot be."""
    return positive(environ, "MAX_POLL_TIMEOUT_SECONDS", DEFAULT_MAX_POLL_TIME)


def positive(environ: Mapping[str, str], name: str, default: float) -> float:
    """A number of seconds from the environment, the default when it is not set. Raises UsageError."""
    text = environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:  # written so that NaN fails too
        raise UsageError(f"{name}: {text!r} is no number of seconds; write one such as 2.0")
    return value
