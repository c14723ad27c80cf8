"""The error tree: everything that Chatreel raises on purpose.

    ChatreelError                 what the command line turns into one line on stderr and exit code 2
    ├── UsageError                an option, an argument or a combination of them cannot be
    ├── CassetteError             a cassette cannot be read or written; names the file
    │   └── BrokenLine            one line of it: file, line number, expected, found
    └── ServerError               a listener cannot be opened, an upstream cannot be used

Each message says what is wrong and what to do next, on one line.
"""

from __future__ import annotations

from pathlib import Path


class ChatreelError(Exception):
    """Anything that Chatreel refuses, with a one-line message for a person."""


class UsageError(ChatreelError):
    """An option or argument is wrong, or two of them exclude each other."""


class ServerError(ChatreelError):
    """A listener could not be opened, or an upstream cannot be used."""


class CassetteError(ChatreelError):
    """A cassette cannot be read or written."""


class BrokenLine(CassetteError):
    """A line that is no record of the format.

    `line` counts from 1; `expected` and `found` are for a person to read.
    """

    def __init__(self, path: Path | str, line: int, expected: str, found: str) -> None:
        super().__init__(f"{path}, line {line}: expected {expected}, found {found}")
        self.path = path
        self.line = line
        self.expected = expected
        self.found = found
