"""mitmproxy's flow files (`mitmdump -w FILE`) as cassettes.

mitmproxy writes flows as they end. They are looked at once for their starts, and then read again in that order, one
at a time.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from mitmproxy.exceptions import FlowReadException
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow
from mitmproxy.io import FlowReader

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.interleave import merged
from cassettes.file.storage import open_plain
from foundation import walltime
from foundation.errors import CassetteError
from recorder.assembly import (
    Assembly,
    Broken,
    Missed,
    RequestData,
    RequestEnd,
    ResponseData,
    ResponseEnd,
    TrafficEvent,
)
from recorder.mitmproxy.flow_conversion import how_it_ended, origin_of, request_head, response_head

STREAMED = "body was streamed, and mitmproxy did not store it"
PIECE = 1 << 20  # bytes of a stored body that are unpacked at a time
PREFIX = 13  # bytes of the longest length that mitmproxy reads


class FlowFile:
    """A flow file, open for reading; a context manager.

    `skipped` counts the flows that are no HTTP exchange, by what they are; `warnings` has what a person should be
    told, the part that concerns bodies once `records` has been gone through.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.warnings: list[str] = []
        self._file = file
        self._places: list[tuple[int, int]] = []  # when a flow began, and its offset
        self._origins: set[str] = set()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a flow file and look at its flows; raises CassetteError, which names the place."""
        file = open_plain(path)
        try:
            flows = cls(path, file)
            flows._look()
        except BaseException:
            file.close()
            raise
        return flows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        """How many exchanges it holds."""
        return len(self._places)

    def records(self) -> Iterator[model.AnyRecord]:
        """The records of the cassette that the file is."""
        zero = self._places[0][0]
        yield model.Header(
            version=format_v1.VERSION,
            created=walltime.to_text(zero),
            recorder="mitmproxy",
            upstream=next(iter(self._origins)) if len(self._origins) == 1 else "",
        )
        missing = 0
        runs = (
            (began - zero, self._exchange(model.RecordingExchange(number), offset, zero))
            for number, (began, offset) in enumerate(self._places)
        )
        for record in merged(runs, place=attrgetter("at")):
            missing += isinstance(record, model.Loss) and record.reason.endswith(STREAMED)
            yield record
        if missing:
            hint = "let mitmproxy record with --set store_streamed_bodies=true"
            self.warnings.append(f"{self.path}: {missing} bodies were streamed and are not in it: {hint}")

    def _exchange(self, number: model.RecordingExchange, offset: int, zero: int) -> list[model.AnyRecord]:
        with self._naming(offset):
            flow = self._flow(offset)
            assert isinstance(flow, HTTPFlow)
            head = request_head(flow.request, micros(flow.request.timestamp_start) - zero)
            assembly = Assembly(number, head)
            return [record for event in events(flow, zero) for record in assembly.feed(event)]

    def _look(self) -> None:
        """Find where each flow is, and when it began."""
        size = self._file.seek(0, 2)
        offset = self._file.seek(0)
        while offset < size:
            if self._is_torn(offset, size):
                self.warnings.append(f"{self.path}: left out the last flow, which a crash tore")
                break
            with self._naming(offset):
                self._note(self._flow(offset), offset)
            offset = self._file.tell()
        if not self._places:
            raise CassetteError(f"{self.path}: expected flows over HTTP, found none in it")
        self._places.sort()

    def _is_torn(self, offset: int, size: int) -> bool:
        """Whether a flow is cut by the file's end; its length is not to be trusted with the memory either."""
        length, colon, _ = self._file.read(PREFIX).partition(b":")
        self._file.seek(offset)
        if not colon:
            return length.isdigit() and offset + len(length) == size
        return length.isdigit() and offset + len(length) + int(length) + len(":}") > size

    def _note(self, flow: Flow, offset: int) -> None:
        if why := no_exchange(flow):
            self.skipped[why] += 1
        elif isinstance(flow, HTTPFlow):
            see_sound(flow)
            self._places.append((micros(flow.request.timestamp_start), offset))
            self._origins.add(origin_of(flow.request))

    def _flow(self, offset: int) -> Flow:
        self._file.seek(offset)
        if not self._file.read(1).isdigit():  # mitmproxy would try it as a HAR file
            raise FlowReadException("it does not begin with its length")
        self._file.seek(offset)
        return next(iter(FlowReader(self._file).stream()))

    @contextlib.contextmanager
    def _naming(self, offset: int) -> Iterator[None]:
        """Name the file and the place in whatever mitmproxy raises for a flow that is none, or is forged."""
        try:
            yield
        except Exception as error:
            raise CassetteError(
                f"{self.path}, at byte {offset}: expected a flow of mitmproxy's, found something else ({error})"
            ) from error


def no_exchange(flow: Flow) -> str:
    """What a flow is that is no exchange over HTTP; empty for one that is."""
    if not isinstance(flow, HTTPFlow):
        return flow.type.upper()
    if flow.websocket is not None:
        return "WebSocket"
    return "CONNECT" if flow.request.method == "CONNECT" else ""


def see_sound(flow: HTTPFlow) -> None:
    """See that a cassette can hold what a flow says, which mitmproxy does not check; raises ValueError."""
    answer = flow.response
    told = [origin_of(flow.request), flow.request.http_version, flow.error.msg if flow.error else ""]
    if answer is not None:
        told.append(answer.http_version)
        if not 100 <= answer.status_code <= 999:
            raise ValueError(f"{answer.status_code} is no status")
    "".join(told).encode()


def events(flow: HTTPFlow, zero: int) -> Iterator[TrafficEvent]:
    """What was seen of an exchange, in microseconds since `zero`; a stored body came with its last byte."""
    request, response = flow.request, flow.response
    at = micros(max(request.timestamp_start, request.timestamp_end or 0)) - zero
    if request.raw_content:
        yield RequestData(at, request.raw_content)
    yield RequestEnd(at)
    if request.raw_content is None:
        yield Missed(at, 1, 0, f"the request's {STREAMED}")
    if response is not None:
        at = max(at, micros(response.timestamp_start) - zero)
        yield response_head(response, at)
        at = max(at, micros(response.timestamp_end or response.timestamp_start) - zero)
        body = response.raw_content or b""
        for begin in range(0, len(body), PIECE):
            yield ResponseData(at, body[begin : begin + PIECE])
        if response.raw_content is None:
            yield Missed(at, 1, 0, f"the response's {STREAMED}")
    yield ending(flow, at, zero)


def ending(flow: HTTPFlow, at: int, zero: int) -> TrafficEvent:
    """How an exchange ended; one of which the end or the body is not in the file is unfinished."""
    if flow.error is not None:
        how = how_it_ended(flow.error.msg)
        later = max(at, micros(flow.error.timestamp) - zero)
        return Broken(later, how, flow.error.msg if how == "error" else "")
    response = flow.response
    whole = response is not None and response.timestamp_end is not None and response.raw_content is not None
    return ResponseEnd(at) if whole else Broken(at, "unfinished")


def micros(timestamp: float) -> int:
    """Seconds since 1970 in microseconds."""
    return min(max(round(timestamp * 1_000_000), 0), walltime.LAST)
