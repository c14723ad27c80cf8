"""The messages between a test and the test server, each a JSON object.

A request is a line on the server's stdin, its response a line on the server's stdout.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from chatreel.testing.recorders import Recorders


class TestRequest(msgspec.Struct, frozen=True, tag_field="do"):
    """A request of one test, by the number that its process gave it."""

    __test__ = False

    test: int


class StartChatbot(TestRequest, frozen=True, tag="start"):
    """Replay cassettes, or record one, and return the url, and whether it is recorded.

    `folders` are what relative paths count from, the nearest first; `import_path` and `working_directory` are those
    of the test's process, for fault modules and files that options name.
    """

    recorders: Recorders
    cassettes: list[str]
    options: dict[str, Any]
    folders: list[Path]
    import_path: list[str]
    working_directory: str


class EndTest(TestRequest, frozen=True, tag="end-test"):
    """End what the test replays and records; a recording is kept if the test `passed`."""

    passed: bool


class ExplainMisses(TestRequest, frozen=True, tag="explain-misses"):
    """Return the misses of the test since this was requested last, as text."""


class ChatbotRequest(TestRequest, frozen=True):
    """A request about one chatbot of a test, by its number there."""

    chatbot: int


class ReadChatbot(ChatbotRequest, frozen=True, tag="read"):
    """Return one thing that a running chatbot knows; `unplayed` lists the exchanges that no client got, as text."""

    what: Literal["journal", "misses", "sessions", "faults", "unplayed"]


class SetFaults(ChatbotRequest, frozen=True, tag="set-faults"):
    """Let other faults hold."""

    faults: list[str]


class ResetChatbot(ChatbotRequest, frozen=True, tag="reset"):
    """Begin anew, as if no client had come yet."""


type AnyRequest = StartChatbot | EndTest | ExplainMisses | ReadChatbot | SetFaults | ResetChatbot


class PipeResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The value that was requested, or why there is none.

    `error` is a line for the one who wrote the test, `defect` a traceback; `warnings` are lines for the log.
    """

    value: Any = None
    error: str = ""
    defect: str = ""
    warnings: list[str] = []
