"""Lines for a person on stderr: messages of the command, and log records."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator

from foundation.printable import printable


def report_line(message: str) -> None:
    """Print a message on one line of stderr, after the name of the program, with a mask for each secret in it."""
    print(f"chatreel: {printable(without_secrets(message))}", file=sys.stderr, flush=True)


def without_secrets(message: str) -> str:
    """Return a text with a mask for each secret that its name or its shape tells, as in a url that is quoted."""
    from cassettes.redaction.secret_masks import masked  # noqa: PLC0415 - most commands print no line, and start faster

    return masked(message.encode("utf-8", "surrogateescape"), "text").decode("utf-8", "surrogateescape")


class OneLineFormatter(logging.Formatter):
    """Formats a log record as one printable line, whatever its message holds.

    Secrets are masked but in the records of the logger `spared`, whose purpose is to show the cookies of a client.
    """

    def __init__(self, spared: str) -> None:
        super().__init__()
        self._spared = spared

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """The record's message with what is not printable escaped."""
        message = super().formatMessage(record)
        return printable(message if record.name.startswith(self._spared) else without_secrets(message))


@contextlib.contextmanager
def log_to_stderr(name: str, level: int = logging.INFO) -> Iterator[None]:
    """Print the records of the logger `name` from `level` on, and all others' warnings, while the context lasts.

    The records of `name` are printed as they are, those of others with a mask for each secret.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter(name))
    logger, root = logging.getLogger(name), logging.getLogger()
    before = logger.level
    logger.setLevel(level)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        logger.setLevel(before)
