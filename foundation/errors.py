"""The errors that Chatreel raises for its users.

    ChatreelError                 the command line prints it as one line on stderr and exits with code 2
    ├── UsageError                an option or argument is wrong, or some of them exclude each other
    ├── CassetteError             a cassette cannot be read or written; the message names the file
    │   └── BrokenLine            a line of a cassette is malformed; it names file, line, expected and found
    └── ServerError               a listener cannot be opened, or an upstream cannot be used

Each message is one line, which says what is wrong and what to do next.
"""

from __future__ import annotations

from pathlib import Path


class ChatreelError(Exception):
    """The base of all of them; its message is one line for a person."""


class UsageError(ChatreelError):
    """An option or argument is wrong, or some of them exclude each other."""


class ServerError(ChatreelError):
    """A listener cannot be opened, or an upstream cannot be used."""


class CassetteError(ChatreelError):
    """A cassette cannot be read or written."""


class BrokenLine(CassetteError):
    """A line of a cassette is no valid record.

    `line` counts from 1; `expected` and `found` are parts of the message.
    """

    def __init__(self, path: Path | str, line: int, expected: str, found: str) -> None:
        super().__init__(f"{path}, line {line}: expected {expected}, found {found}")
        self.path = path
        self.line = line
        self.expected = expected
        self.found = found
