r"""Finds the framing of a response: from its media type or, where that says nothing, from how its body begins.

Only bodies of types that servers give to anything are looked into, and only their beginning:

    data: {"a": 1}\n\n           server-sent events, once a whole block is there
    {"a": 1}\n{"a": 2}\n         JSON lines, once a second one begins: one object alone is a plain body
    {"a": 1}\0                   NUL-separated JSON
    \x1e{"a": 1}\n               a JSON text sequence
    0:"a"\n                      coded JSON lines
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from cassettes.framings.aws_event_stream import AWS_EVENT_STREAM, PRELUDE, frame_length
from cassettes.framings.delimited import CODED_LINES, JSON_LINES, NUL_SEPARATED
from cassettes.framings.event import Event
from cassettes.framings.framing import EventDecoder, Framing
from cassettes.framings.json_sequence import JSON_SEQUENCE, SEPARATOR
from cassettes.framings.multipart import Multipart
from cassettes.framings.sse import SSE
from foundation.http.headers import Headers, first, media_type

EVENT_STREAM = "text/event-stream"

FRAMINGS: Mapping[str, Framing] = {
    EVENT_STREAM: SSE,
    "application/x-ndjson": JSON_LINES,
    "application/ndjson": JSON_LINES,
    "application/jsonl": JSON_LINES,
    "application/jsonlines": JSON_LINES,
    "application/x-jsonlines": JSON_LINES,
    "application/json-lines": JSON_LINES,
    "application/stream+json": JSON_LINES,
    "application/json-seq": JSON_SEQUENCE,
    "application/vnd.amazon.eventstream": AWS_EVENT_STREAM,
}
"""The framing that a media type says."""

MULTIPART_STREAMS = frozenset({"multipart/mixed", "multipart/x-mixed-replace"})
CODED_LINES_HEADER = "x-vercel-ai-data-stream"

UNTOLD = frozenset({"", "text/plain", "text/json", "application/json", "application/octet-stream"})
"""Media types of bodies that may be any stream."""

MOST_SNIFFED = 64 << 10
"""Bytes of the beginning of a body that are looked at, at most."""

BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
LINE_OF_EVENT = re.compile(rb"(?:(?:data|event|id|retry)?:[^\r\n]*)(?:\r\n|\r|\n)")
BEGIN_OF_EVENT = re.compile(rb"data:|event:|id:|retry:|:")
BEGINNINGS = (b"data:", b"event:", b"id:", b"retry:")
BOM = b"\xef\xbb\xbf"
CODED = re.compile(rb"[0-9a-z]:")
ONE_CODE = re.compile(rb"[0-9a-z]")


class Recognition:
    """Decides for one response which framing it has. `decided` is true once `framing`, None for no stream, is final."""

    def __init__(self, headers: Headers) -> None:
        self.framing = told_framing(headers)
        self.decided = self.framing is not None or media_type(headers) not in UNTOLD
        self._beginning = bytearray()

    def feed(self, data: bytes, *, ended: bool = False) -> None:
        """Look at more of the body, as long as that can decide."""
        if self.decided:
            return
        self._beginning += data[: MOST_SNIFFED - len(self._beginning)]
        found = sniffed(bytes(self._beginning))
        if isinstance(found, Framing) or found is None:
            self.framing, self.decided = found, True
        elif ended or len(self._beginning) >= MOST_SNIFFED:
            self.decided = True
        if self.decided:
            self._beginning.clear()

    def end(self) -> None:
        """Decide by what is there, because the body has ended."""
        self.feed(b"", ended=True)


class StreamDecoder:
    """Reads the events of a response whose framing may have to be recognised first; without one there are none.

    An event has the time of the chunk that completed it, also where the framing was recognised later.
    """

    def __init__(self, headers: Headers) -> None:
        self._recognition = Recognition(headers)
        self._held: list[tuple[bytes, int]] = []
        self._decoder: EventDecoder | None = None
        self._begin_if_decided()

    @property
    def decided(self) -> bool:
        """Whether it is known if the response is a stream."""
        return self._recognition.decided

    @property
    def framing(self) -> Framing | None:
        """The framing, None for no stream, or as long as it is not known."""
        return self._recognition.framing

    def feed(self, chunk: bytes, at: int = 0) -> list[Event]:
        """Return the events that a chunk, which arrived at the time `at`, completes or makes known."""
        if self._recognition.decided:
            return self._decoder.feed(chunk, at) if self._decoder else []
        self._held.append((chunk, at))
        self._recognition.feed(chunk)
        return self._begin_if_decided()

    def close(self, at: int = 0) -> list[Event]:
        """Return the events that the end of the stream makes known, completes or cuts."""
        self._recognition.end()
        events = self._begin_if_decided()
        last = self._decoder.close(at) if self._decoder else None
        return events if last is None else [*events, last]

    def _begin_if_decided(self) -> list[Event]:
        if not self._recognition.decided:
            return []
        if self._decoder is None and self.framing is not None:
            self._decoder = self.framing.decoder()
        held, self._held = self._held, []
        return [
            event for chunk, at in held for event in (self._decoder.feed(chunk, at) if self._decoder else [])
        ]


def told_framing(headers: Headers) -> Framing | None:
    """Return the framing that headers tell, None when they tell none."""
    media = media_type(headers)
    if media in MULTIPART_STREAMS:
        boundary = BOUNDARY.search(first(headers, "content-type"))
        return Multipart(boundary[1] or boundary[2]) if boundary else None
    if media in UNTOLD and first(headers, CODED_LINES_HEADER):
        return CODED_LINES
    return FRAMINGS.get(media)


def sniffed(beginning: bytes) -> Framing | str | None:
    """Return the framing of a body that begins so, None when it is no stream, and "undecided" when more is needed."""
    if len(beginning) >= PRELUDE.size and frame_length(beginning[: PRELUDE.size]) is not None:
        return AWS_EVENT_STREAM
    if len(beginning) < PRELUDE.size and beginning.startswith(b"\0"):
        return "undecided"
    begin = beginning.removeprefix(BOM).lstrip(b"\r\n ")
    if not begin or BOM.startswith(begin):
        return "undecided"
    if begin.startswith(b"{"):
        return sniffed_objects(begin)
    if begin.startswith(SEPARATOR):
        return JSON_SEQUENCE if begin[1:2] == b"{" else None if begin[1:] else "undecided"
    if CODED.match(begin) or ONE_CODE.fullmatch(begin):
        line, found, _ = begin.partition(b"\n")
        return "undecided" if not found else CODED_LINES if is_json_value(line[2:]) else None
    if BEGIN_OF_EVENT.match(begin) or any(name.startswith(begin) for name in BEGINNINGS):
        return sniffed_events(begin)
    return None


def sniffed_events(begin: bytes) -> Framing | str | None:
    """Return what `sniffed` does, for a body that begins as server-sent events do: with a field or a comment."""
    place = 0
    while found := LINE_OF_EVENT.match(begin, place):
        place = found.end()
    rest = begin[place:]
    if rest.startswith((b"\n", b"\r")):
        has_data = any(line.startswith(b"data:") for line in begin[:place].splitlines())
        return SSE if has_data or begin.startswith(b"event:") else sniffed(rest)
    unfinished = not any(end in rest for end in (b"\n", b"\r"))
    possible = BEGIN_OF_EVENT.match(rest) or any(name.startswith(rest) for name in BEGINNINGS)
    return "undecided" if unfinished and possible else None


def sniffed_objects(begin: bytes) -> Framing | str | None:
    """Return what `sniffed` does, for a body that begins with a JSON object."""
    end = re.search(rb"[\n\0]", begin)
    if end is None:
        return "undecided"
    if not is_json_value(begin[: end.start()]):
        return None
    if end[0] == b"\0":
        return NUL_SEPARATED
    following = begin[end.end() :].lstrip(b"\r\n ")
    return "undecided" if not following else JSON_LINES if following.startswith(b"{") else None


def is_json_value(text: bytes) -> bool:
    """Return whether some bytes are one JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
