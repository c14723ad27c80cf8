"""The platform's log: a record's message is one line."""

from __future__ import annotations

import logging

from foundation.printable import one_line

REFUSED = "django.security"
"""Django's logger of requests that it refuses, such as those for another host."""


class PlatformLogFormatter(logging.Formatter):
    """A record's message as one printable line: questions and answers are others' text.

    A defect of the platform has its traceback below that; a request that was refused is no defect.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Leave out the traceback of a refused request."""
        if record.name.startswith(REFUSED):
            record = logging.makeLogRecord({**vars(record), "exc_info": None, "exc_text": None})
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Escape what a log line must not hold."""
        return one_line(super().formatMessage(record))
