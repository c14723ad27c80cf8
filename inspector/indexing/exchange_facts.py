"""The facts of an exchange without its bodies: gathered record by record, and small enough to keep for each one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cassettes import model
from cassettes.answers.protocol_end import LEFT_OPEN, EndWatcher
from cassettes.framings.event import Event
from cassettes.framings.recognition import StreamDecoder
from cassettes.views.summary import Summary
from cassettes.views.timeline import is_heartbeat
from foundation.http.urls import host_of

LONGEST_TARGET = 2000
"""Characters of a path and query that are kept; the view of the exchange shows all of it."""

LONGEST_WORD = 100
"""Characters of a method, a host, a media type or an event's type that are kept."""

MOST_TYPES = 32
"""Types of events that are kept of one exchange."""

ERROR = "error"


class Facts(msgspec.Struct, array_like=True):
    """One exchange, as far as its records are there. Times are microseconds, `began` since the recording began.

    `host` has a port where the url has one. `events` counts the dispatched events that are no heartbeats, `types` has
    the types of all events. `first_event` is the time from the request to the first event, None without one. `how` is
    empty until the end is recorded. `stream` says that the response is a stream of events, whatever frames them.
    """

    method: str
    target: str
    began: int
    duration: int = 0
    status: int | None = None
    media_type: str = ""
    events: int = 0
    heartbeats: int = 0
    errors: int = 0
    chunks: int = 0
    bytes: int = 0
    first_event: int | None = None
    how: str = ""
    lossy: bool = False
    types: tuple[str, ...] = ()
    stream: bool = False
    host: str = ""


class FactsGatherer:
    """Gathers the facts of one exchange, from its request on."""

    def __init__(self, request: model.Request) -> None:
        self._summary = Summary.begun(request)
        self._host = host_of(request.url)[:LONGEST_WORD]
        self._decoder: StreamDecoder | None = None
        self._watcher = EndWatcher()
        self._types: dict[str, None] = {}
        self._events = self._heartbeats = self._errors = 0
        self._first_event: int | None = None

    def add(self, record: model.AnyRecord) -> None:
        """Add one more record of the exchange."""
        self._summary.add([record])
        match record:
            case model.Response():
                self._decoder = StreamDecoder(record.headers)
            case model.Chunk() if self._decoder is not None:
                self._add_events(self._decoder.feed(record.data, record.at))
            case model.End() if self._decoder is not None:
                self._add_events(self._decoder.close(record.at))
            case _:
                pass

    def _add_events(self, events: Sequence[Event]) -> None:
        self._watcher.feed(events)
        for event in events:
            if len(self._types) < MOST_TYPES:
                self._types[event.type[:LONGEST_WORD]] = None
            if is_heartbeat(event):
                self._heartbeats += 1
            elif event.dispatched:
                self._events += 1
                self._errors += event.type == ERROR
                if self._first_event is None:
                    self._first_event = event.at - self._summary.began

    def facts(self) -> Facts:
        """The facts from the records that were added so far."""
        summary = self._summary
        return Facts(
            method=summary.method[:LONGEST_WORD],
            target=summary.target[:LONGEST_TARGET],
            began=summary.began,
            duration=max(0, summary.duration),
            status=summary.status,
            media_type=summary.media_type[:LONGEST_WORD],
            events=self._events,
            heartbeats=self._heartbeats,
            errors=self._errors,
            chunks=summary.chunks,
            bytes=summary.bytes,
            first_event=self._first_event,
            how="complete" if summary.how in LEFT_OPEN and self._watcher.ended else summary.how,
            lossy=summary.lossy,
            types=tuple(self._types),
            host=self._host,
            stream=self._decoder is not None and self._decoder.framing is not None,
        )
