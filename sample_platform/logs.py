"""The platform's log: a record's message is one line."""

from __future__ import annotations

import logging

from foundation.printable import one_line


class PlatformLogFormatter(logging.Formatter):
    """A record's message as one printable line: questions and answers are others' text."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Escape what a log line must not hold."""
        return one_line(super().formatMessage(record))
