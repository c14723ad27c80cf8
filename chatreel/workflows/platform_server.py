"""The platform's server, which needs packages that are an extra."""

from __future__ import annotations

from types import ModuleType

from foundation.errors import UsageError


def platform_server() -> ModuleType:
    """The module that runs the platform. Raises UsageError when Django is not installed."""
    try:
        from sample_platform import server  # noqa: PLC0415 - it is an extra
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the platform needs {error.name}, which is an extra: pip install 'chatreel[platform]'"
        ) from error
    return server
