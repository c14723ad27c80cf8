"""Text of others on a terminal: nothing received or recorded may move its cursor or hide a line."""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Iterator


def printable(text: str) -> str:
    """The text with what is not printable escaped as in JSON: controls, direction marks, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)


def say(message: str) -> None:
    """Tell a person something on one line of stderr."""
    print(f"chatreel: {printable(message)}", file=sys.stderr, flush=True)


class OneLineFormatter(logging.Formatter):
    """A record's message as one printable line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Escape what a log line must not hold."""
        return printable(super().formatMessage(record))


@contextlib.contextmanager
def log_to_stderr(name: str, level: int = logging.INFO) -> Iterator[None]:
    """Show the records of one logger from `level` on, and the warnings of all others."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter())
    logger, root = logging.getLogger(name), logging.getLogger()
    before = logger.level
    logger.setLevel(level)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        logger.setLevel(before)
