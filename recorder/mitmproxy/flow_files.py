"""Reads mitmproxy's flow files (`mitmdump -w FILE`) as cassettes.

mitmproxy appends a flow when it ends, but the records of a cassette are in the order in which they happened. So the
file is read twice: once to find the offset and the start of each flow, then flow by flow in the order of their starts.
Only flows that overlap are in memory together.
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
    EventsLost,
    RequestData,
    RequestEnd,
    ResponseData,
    ResponseEnd,
    TrafficEvent,
)
from recorder.mitmproxy.flow_conversion import how_it_ended, origin_of, request_head, response_head

STREAMED = "body was streamed, and mitmproxy did not store it"
PIECE = 1 << 20
"""Bytes of a stored body that are decoded at a time."""

PREFIX = 13
"""Bytes of the longest length prefix, with its colon, that mitmproxy reads."""


class FlowFile:
    """A flow file, open for reading; a context manager.

    `skipped` counts the flows that are no HTTP exchange, by their kind. `warnings` are lines for a person; the one
    about missing bodies is there once `records` has been exhausted.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.warnings: list[str] = []
        self._file = file
        self._places: list[
            tuple[int, int]
        ] = []  # when a flow began, in microseconds since 1970, and its offset
        self._origins: set[str] = set()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a flow file and find its flows; raises CassetteError, which names the file and the offset."""
        file = open_plain(path)
        try:
            flows = cls(path, file)
            flows._find_flows()
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
        """Return how many exchanges the file holds."""
        return len(self._places)

    def records(self) -> Iterator[model.AnyRecord]:
        """Yield the records of the cassette that it becomes, the header first, in the order of their times."""
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
        with self._flow_errors(offset):
            flow = self._flow(offset)
            assert isinstance(flow, HTTPFlow)
            head = request_head(flow.request, micros(flow.request.timestamp_start) - zero)
            assembly = Assembly(number, head)
            return [record for event in events(flow, zero) for record in assembly.feed(event)]

    def _find_flows(self) -> None:
        """Find where each flow is and when it began; raises CassetteError when there is none."""
        size = self._file.seek(0, 2)
        offset = self._file.seek(0)
        while offset < size:
            if self._is_torn(offset, size):
                self.warnings.append(f"{self.path}: left out the last flow, which a crash tore")
                break
            with self._flow_errors(offset):
                self._add(self._flow(offset), offset)
            offset = self._file.tell()
        if not self._places:
            raise CassetteError(f"{self.path}: expected flows over HTTP, found none in it")
        self._places.sort()

    def _is_torn(self, offset: int, size: int) -> bool:
        """Return whether a flow claims to go on beyond the end of the file, before mitmproxy allocates that much."""
        length, colon, _ = self._file.read(PREFIX).partition(b":")
        self._file.seek(offset)
        if not colon:
            return length.isdigit() and offset + len(length) == size
        return length.isdigit() and offset + len(length) + int(length) + len(":}") > size

    def _add(self, flow: Flow, offset: int) -> None:
        if kind := skipped_kind(flow):
            self.skipped[kind] += 1
        elif isinstance(flow, HTTPFlow):
            check_storable(flow)
            self._places.append((micros(flow.request.timestamp_start), offset))
            self._origins.add(origin_of(flow.request))

    def _flow(self, offset: int) -> Flow:
        self._file.seek(offset)
        if not self._file.read(1).isdigit():  # mitmproxy would try it as a HAR file
            raise FlowReadException("it does not begin with its length")
        self._file.seek(offset)
        return next(iter(FlowReader(self._file).stream()))

    @contextlib.contextmanager
    def _flow_errors(self, offset: int) -> Iterator[None]:
        """Turn whatever mitmproxy raises for a malformed flow into a CassetteError with the file and the offset."""
        try:
            yield
        except Exception as error:
            raise CassetteError(
                f"{self.path}, at byte {offset}: expected a flow of mitmproxy's, found something else ({error})"
            ) from error


def skipped_kind(flow: Flow) -> str:
    """Return the kind of a flow that is no HTTP exchange, such as "TCP"; empty for one that is."""
    if not isinstance(flow, HTTPFlow):
        return flow.type.upper()
    if flow.websocket is not None:
        return "WebSocket"
    return "CONNECT" if flow.request.method == "CONNECT" else ""


def check_storable(flow: HTTPFlow) -> None:
    """Check what mitmproxy does not: that the status and the texts fit into a cassette; raises ValueError."""
    response = flow.response
    texts = [origin_of(flow.request), flow.request.http_version, flow.error.msg if flow.error else ""]
    if response is not None:
        texts.append(response.http_version)
        if not 100 <= response.status_code <= 999:
            raise ValueError(f"{response.status_code} is no status")
    "".join(texts).encode()


def events(flow: HTTPFlow, zero: int) -> Iterator[TrafficEvent]:
    """Yield the events of an exchange, in microseconds since `zero`; a body has the time of its last byte."""
    request, response = flow.request, flow.response
    at = micros(max(request.timestamp_start, request.timestamp_end or 0)) - zero
    if request.raw_content:
        yield RequestData(at, request.raw_content)
    yield RequestEnd(at)
    if request.raw_content is None:
        yield EventsLost(at, 1, 0, f"the request's {STREAMED}")
    if response is not None:
        at = max(at, micros(response.timestamp_start) - zero)
        yield response_head(response, at)
        at = max(at, micros(response.timestamp_end or response.timestamp_start) - zero)
        body = response.raw_content or b""
        for begin in range(0, len(body), PIECE):
            yield ResponseData(at, body[begin : begin + PIECE])
        if response.raw_content is None:
            yield EventsLost(at, 1, 0, f"the response's {STREAMED}")
    yield ending(flow, at, zero)


def ending(flow: HTTPFlow, at: int, zero: int) -> TrafficEvent:
    """Return the event that ends the exchange; it is unfinished when its end or its body is not in the file."""
    if flow.error is not None:
        how = how_it_ended(flow.error.msg)
        later = max(at, micros(flow.error.timestamp) - zero)
        return Broken(later, how, flow.error.msg if how == "error" else "")
    response = flow.response
    whole = response is not None and response.timestamp_end is not None and response.raw_content is not None
    return ResponseEnd(at) if whole else Broken(at, "unfinished")


def micros(timestamp: float) -> int:
    """Convert seconds since 1970 to microseconds, limited to the years that a date can have."""
    return min(max(round(timestamp * 1_000_000), 0), walltime.LAST)
