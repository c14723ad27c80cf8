"""The test server's process: it carries out the requests that the tests of one process write to its stdin."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import IO, Any

import msgspec

from chatreel import own_packages

own_packages.import_first()

from chatreel.test_server.pipe_messages import (  # noqa: E402 - found by the line above
    AnyRequest,
    EndTest,
    ExplainMisses,
    PipeResponse,
    ReadChatbot,
    ResetChatbot,
    SetFaults,
    StartChatbot,
)
from chatreel.test_server.recording import CassetteRecorders, ProxiedChatbot  # noqa: E402
from chatreel.test_server.running_chatbots import RunningChatbot, TestChatbots  # noqa: E402
from foundation.errors import ChatreelError  # noqa: E402

SESSION_FIELDS = ("number", "began", "used", "live")
"""What a test reads of a client session."""


def main() -> None:
    """Respond to the requests on stdin, in their order, until stdin ends or has an empty line."""
    responses = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a user's fault prints is no response
    with responses:
        RequestLoop().serve(sys.stdin.buffer, responses)


def path_from(kind: type, value: Any) -> Path:
    """Return the path that a request has as text."""
    assert kind is Path
    return Path(value)


class RequestLoop(logging.Handler):
    """The tests that have something running, by their numbers. As a log handler it collects warnings for the test."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._tests: dict[int, TestChatbots] = {}
        self._warnings: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning for the next response."""
        self._warnings.append(record.getMessage())

    def serve(self, requests: IO[bytes], responses: IO[bytes]) -> None:
        """Respond until the requests end, then end everything that runs."""
        logging.getLogger("chatreel").addHandler(self)
        for line in requests:
            if not line.strip():
                break
            # Python's own writer takes what is no text in UTF-8, as names of files can be.
            response = json.dumps(msgspec.to_builtins(self._response(line)))
            responses.write(response.encode() + b"\n")
            responses.flush()
        with contextlib.ExitStack() as stack:
            for test in self._tests.values():
                stack.callback(test.close, passed=False)

    def _response(self, line: bytes) -> PipeResponse:
        try:
            # Python's own reader takes the infinities that a test may give as an option.
            request: AnyRequest = msgspec.convert(json.loads(line), AnyRequest, dec_hook=path_from)
            response = PipeResponse(value=self._result(request))
        except (ChatreelError, OSError) as error:
            response = PipeResponse(error=str(error))
        except Exception:  # noqa: BLE001 - a defect ends the test that met it, not those that follow
            response = PipeResponse(defect=traceback.format_exc())
        warnings, self._warnings = self._warnings, []
        return msgspec.structs.replace(response, warnings=warnings)

    def _result(self, request: AnyRequest) -> Any:
        match request:
            case StartChatbot():
                return self._started(request)
            case EndTest():
                if test := self._tests.pop(request.test, None):
                    test.close(passed=request.passed)
            case ExplainMisses():
                return self._tests[request.test].explain_new_misses()
            case ReadChatbot():
                return read(self._tests[request.test][request.chatbot], request.what)
            case SetFaults():
                self._tests[request.test][request.chatbot].faults = request.faults
            case ResetChatbot():
                self._tests[request.test][request.chatbot].reset()
        return None

    def _started(self, request: StartChatbot) -> dict[str, Any]:
        recorders = CassetteRecorders(**vars(request.recorders))
        test = self._tests.setdefault(request.test, TestChatbots(recorders))
        sys.path = [own_packages.FOLDER, *request.import_path]
        os.chdir(request.working_directory)
        chatbot = test.start(request.cassettes, request.options, request.folders)
        return {"url": chatbot.url, "recorded": isinstance(chatbot, ProxiedChatbot)}


def read(chatbot: RunningChatbot, what: str) -> Any:
    """Return what `ReadChatbot` names, as msgspec can write it."""
    match what:
        case "sessions":
            return [{name: getattr(found, name) for name in SESSION_FIELDS} for found in chatbot.sessions]
        case "unplayed":
            return chatbot.unplayed()
    return getattr(chatbot, what)
