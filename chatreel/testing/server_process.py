"""Starts the test server, and sends it requests: a JSON object a line on its stdin, a response a line on its stdout.

A pipe needs no port and no token, and tells the server when the test run has ended, however it ended.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import logging
import os
import subprocess
import sys
import threading
from typing import Any

from chatreel import supported_platform
from chatreel.testing.fixture_errors import ChatreelError, TestServerError

PROGRAM = "import sys; sys.path = {path!r}; from chatreel.test_server.request_loop import main; main()"

END = "\n\n"
"""Ends the line that may have been begun, and then the server. A forked child may keep the pipe open."""

GRACE = 10
"""Seconds that the process has for its end."""

logger = logging.getLogger("chatreel")


class TestServer:
    """The process that replays and records for the tests of this one.

    `interrupted` says that a request was, by Ctrl-C or a timeout: the process has ended, and what it ran with it. It
    has `grace` seconds for its end.
    """

    __test__ = False

    def __init__(self, grace: float = GRACE) -> None:
        if refused := supported_platform.refusal():
            raise TestServerError(refused)
        self.interrupted = False
        self._grace = grace
        self._lock = threading.Lock()
        self._owner = os.getpid()
        program = PROGRAM.format(path=sys.path)  # chatreel is found where it was found here
        self._process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-P", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            process_group=0,  # with Ctrl-C the test run still ends its tests, and the process afterwards
        )

    @property
    def process_id(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def request(self, do: str, **fields: Any) -> Any:
        """Send a request and return the value of its response; warnings are logged.

        Raises ChatreelError for what the server refuses, TestServerError when it fails.
        """
        line = json.dumps({"do": do, **fields}, default=str)
        with self._lock:
            response = self._exchange(line)
        for warning in response["warnings"]:
            logger.warning(warning)
        if response["defect"]:
            raise TestServerError(response["defect"])
        if response["error"]:
            raise ChatreelError(response["error"])
        return response["value"]

    def _exchange(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            response: dict[str, Any] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            code = self._process.wait()
            raise TestServerError(
                f"the test server ended with exit code {code}; its stderr says why"
            ) from None
        except BaseException:  # the response would be taken for that of the next request
            self.interrupted = True
            self.stop()
            raise
        return response

    def stop(self) -> None:
        """End the process, which ends what it replays. A forked child has no part in it."""
        if os.getpid() != self._owner:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # it is closed, or the process has gone
            self._process.stdin.write(END)
            self._process.stdin.close()
        try:
            self._process.wait(self._grace)
        except subprocess.TimeoutExpired:  # a user's fault does not end
            self._process.kill()
        with self._process:
            pass  # waits, and closes what is open


def server() -> TestServer:
    """Return the test server of this process, which is started when it is needed first."""
    found = started(os.getpid())
    if not found.running:
        started.cache_clear()
        found = started(os.getpid())
    return found


@functools.cache
def started(_process: int) -> TestServer:
    """Start the test server of a process; one that was forked needs its own, as a pipe has one writer."""
    found = TestServer()
    atexit.register(found.stop)
    return found
