"""The fields of a HAR 1.2 file that a cassette uses.

Fields that the standard requires but that writers leave out or set to null are optional; other fields are ignored.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import field

type Milliseconds = float | None


class HarField(msgspec.Struct):
    """A header or a parameter."""

    name: str
    value: str | None = None


class PostData(msgspec.Struct):
    """A request's body; `_encoding` is Chatreel's, `encoding` that of other writers: "base64"."""

    mime_type: str | None = field(name="mimeType", default=None)
    text: str | None = None
    params: list[HarField] | None = None
    encoding: str | None = None
    own_encoding: str | None = field(name="_encoding", default=None)


class HarContent(msgspec.Struct):
    """A response's body, decoded from its content coding: text, or base64 when `encoding` is "base64"."""

    size: float | None = None
    compression: float | None = None
    text: str | None = None
    encoding: str | None = None


class HarRequest(msgspec.Struct):
    """A request."""

    method: str
    url: str
    http_version: str | None = field(name="httpVersion", default=None)
    headers: list[HarField] | None = None
    post_data: PostData | None = field(name="postData", default=None)
    body_size: float | None = field(name="bodySize", default=None)


class HarResponse(msgspec.Struct):
    """A response; the status 0 stands for none."""

    status: int | None = 0
    status_text: str | None = field(name="statusText", default=None)
    http_version: str | None = field(name="httpVersion", default=None)
    headers: list[HarField] | None = None
    body_size: float | None = field(name="bodySize", default=None)
    content: HarContent | None = None
    error: str | None = field(name="_error", default=None)


class Timings(msgspec.Struct):
    """How long each phase took; -1 and null where it does not apply. `ssl` is a part of `connect`."""

    blocked: Milliseconds = None
    dns: Milliseconds = None
    connect: Milliseconds = None
    send: Milliseconds = None
    wait: Milliseconds = None
    receive: Milliseconds = None


class HarMessage(msgspec.Struct):
    """An event as Chrome notes it; `time` in seconds since 1970."""

    time: float | None = None
    name: str | None = field(name="eventName", default=None)
    id: str | None = field(name="eventId", default=None)
    data: str | None = None


class Exact(msgspec.Struct):
    """`_chatreel` of an entry: the fields of its records that HAR has no place for (see `har/exporter`)."""

    recording: Annotated[int, msgspec.Meta(ge=0)]
    request: dict[str, Any]
    response: dict[str, Any] | None
    chunks: list[dict[str, Any]]
    losses: list[dict[str, Any]]
    end: dict[str, Any]


class HarEntry(msgspec.Struct):
    """One request and its response."""

    started: str = field(name="startedDateTime")
    request: HarRequest
    response: HarResponse | None = None
    time: Milliseconds = None
    timings: Timings | None = None
    messages: list[HarMessage] | None = field(name="_eventSourceMessages", default=None)
    exact: Exact | None = field(name="_chatreel", default=None)


class BriefRequest(msgspec.Struct):
    """The request of an `EntrySummary`."""

    url: str


class BriefExact(msgspec.Struct):
    """`_chatreel` of an `EntrySummary`: the recording that the entry belongs to, and its request's fields."""

    recording: int
    request: dict[str, Any]


class EntrySummary(msgspec.Struct):
    """The fields of an entry that are enough to sort all entries into recordings."""

    started: str = field(name="startedDateTime")
    request: BriefRequest
    kind: str | None = field(name="_resourceType", default=None)
    frames: Any = field(name="_webSocketMessages", default=None)
    exact: BriefExact | None = field(name="_chatreel", default=None)


class Creator(msgspec.Struct):
    """The program that wrote the file."""

    name: str | None = None
    version: str | None = None


class HarRecordings(msgspec.Struct):
    """`_chatreel` of the log: the headers of the cassette that it was, and its losses outside of exchanges."""

    recordings: list[dict[str, Any]]
    losses: list[dict[str, Any]] = []


class Log(msgspec.Struct):
    """The log of a file; its entries are decoded one by one."""

    entries: list[msgspec.Raw]
    creator: Creator | None = None
    exact: HarRecordings | None = field(name="_chatreel", default=None)


class Har(msgspec.Struct):
    """The whole file."""

    log: Log
