r"""Encodes a schedule as the bytes of an HTTP/1 response with their times (RFC 9112).

Recorded chunks are neither merged nor split: in a chunked body, each is one HTTP chunk. For a client of HTTP/1.1:

    Head(at=0, Transfer-Encoding: chunked)    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    Data(at=10, data=b"hello")                b"5\r\nhello\r\n"
    Finish(at=20, how="complete")             b"0\r\n\r\n", and the connection is kept
    Finish(at=20, how="close")                b"", and the connection is closed: the last chunk is missing

A body is sent as recorded, even if its length differs from its `Content-Length`. The connection is then closed after
it, because the client could not find the beginning of the next response.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from foundation.http.cors import readable_by
from foundation.http.headers import Headers, bodiless, connection_options, is_chunked, values, without
from replayer.schedule.actions import Action, Data, Ending, Finish, Head, Raw, Schedule

type Version = Literal["1.1", "1.0", "1.0 keep-alive"]
"""Which framing a client understands: its version, and for 1.0 whether it asked to keep the connection."""


class Client(NamedTuple):
    """What the bytes of a response depend on: the client's version, and the page whose script is to read it.

    `page` is its origin, empty for none.
    """

    version: Version = "1.1"
    page: str = ""


USUAL = Client()

type Framing = Literal["none", "chunked", "length", "close"]
"""What ends a body: there is none; the last chunk; `Content-Length`; the end of the connection."""

type After = Literal["keep", "close", "reset", "hang"]
"""What happens to the connection after a response."""

FRAME_OVERHEAD = 130
"""Bytes of memory that a frame needs in addition to its data: a tuple, an integer, and the bytes object itself."""


class Frame(NamedTuple):
    """Bytes to write at the time `at`, in microseconds after the whole request had arrived."""

    at: int
    data: bytes


class Script(msgspec.Struct, frozen=True):
    """An encoded response: its frames in their order, and the time `ends` of its end.

    `status` is None when the connection ends without a response.
    """

    frames: tuple[Frame, ...]
    ends: int
    after: After
    status: int | None = None

    @property
    def size(self) -> int:
        """Bytes of memory that the script needs, approximately."""
        return sum(len(frame.data) + FRAME_OVERHEAD for frame in self.frames)

    def begin(self) -> ScriptCursor:
        """Return a cursor at the beginning of the script."""
        return ScriptCursor(self)


class ScriptCursor:
    """A place in a script, for one connection that it is played on."""

    __slots__ = ("_frames", "_next", "after", "ends")

    def __init__(self, script: Script) -> None:
        self._frames = script.frames
        self._next = 0  # index of the next frame to write
        self.after = script.after
        self.ends = script.ends

    def next_at(self) -> int | None:
        """Return when the next bytes are due; None when there are no more."""
        return self._frames[self._next].at if self._next < len(self._frames) else None

    def due(self, now: int, most: int) -> bytes:
        """Return the bytes of the frames that are due by now, up to the frame that reaches `most`."""
        frames, begin = self._frames, self._next
        end, size = begin, 0
        while end < len(frames) and frames[end].at <= now and size < most:
            size += len(frames[end].data)
            end += 1
        self._next = end
        return b"".join([frame.data for frame in frames[begin:end]])


class Framer:
    """Encodes the actions of one response to a request of this method, in their order.

    `size` is the number of bytes of the whole body, if it is known beforehand. After the `Finish`, `after` says what
    happens to the connection. `status` is None as long as no head was encoded.
    """

    def __init__(self, method: str, client: Client, size: int | None = None) -> None:
        self.after: After = "close"
        self.status: int | None = None
        self._method = method
        self._client = client
        self._size = size
        self._framing: Framing = "none"
        self._reusable = False
        self._length: set[str] = set()
        self._sent = 0

    def feed(self, action: Action) -> bytes:
        """Return the bytes to write for an action, which may be none."""
        match action:
            case Head():
                return self._head(action)
            case Data() if self._framing != "none":
                self._sent += len(action.data)
                return encode_data(action.data, self._framing)
            case Raw():
                self._reusable = False
                return action.data
            case Finish():
                return self._end(action)
            case _:
                return b""

    def surround(self, size: int) -> tuple[bytes, bytes] | None:
        """Return what goes before and behind a chunk of this size, None when the response has no body."""
        if self._framing == "none":
            return None
        return (b"%x\r\n" % size, b"\r\n") if self._framing == "chunked" else (b"", b"")

    def count(self, size: int) -> None:
        """Note that a chunk of this size was written."""
        self._sent += size

    def _head(self, head: Head) -> bytes:
        self.status = head.status
        self._framing = framing_of(head, self._method, self._client)
        self._length = set(values(head.headers, "content-length")) if self._framing == "length" else set()
        self._reusable = keeps_connection(head, self._client) and self._framing != "close"
        if self._size is not None:
            self._reusable = self._reusable and self._is_delimited(self._size)
        return encode_head(head, self._client, reusable=self._reusable)

    def _is_delimited(self, size: int) -> bool:
        """Return whether a client can find the end of a body that has `size` bytes."""
        return self._framing != "length" or self._length == {str(size)}

    def _end(self, finish: Finish) -> bytes:
        self.after = after(finish.how, reusable=self._reusable and self._is_delimited(self._sent))
        ends_by_chunk = self._framing == "chunked" and finish.how == "complete"
        return b"0\r\n" + encode_lines(field_lines(finish.trailers)) if ends_by_chunk else b""


def script(schedule: Schedule, method: str = "GET", client: Client = USUAL) -> Script:
    """Encode the schedule of a response to a request of this method."""
    framer = Framer(method, client, sum(len(action.data) for action in schedule if isinstance(action, Data)))
    encoded = ((action.at, framer.feed(action)) for action in schedule)
    frames = tuple(Frame(at, data) for at, data in encoded if data)
    # When the connection is kept, the response ends with its last byte: the client may send its next request then.
    ends = frames[-1].at if frames and framer.after == "keep" else schedule[-1].at
    return Script(frames, ends, framer.after, framer.status)


def framing_of(head: Head, method: str, client: Client) -> Framing:
    """Return how a client finds the end of the body (RFC 9112, 6.3); HTTP/1.0 has no chunks."""
    if bodiless(method, head.status):
        return "none"
    if is_chunked(head.headers):
        return "chunked" if client.version == "1.1" else "close"
    return "length" if values(head.headers, "content-length") else "close"


def keeps_connection(head: Head, client: Client) -> bool:
    """Return whether both versions and the recorded `Connection` let the connection persist (RFC 9112, 9.3)."""
    options = connection_options(head.headers)
    if (
        client.version == "1.0" or "close" in options or head.status < 200
    ):  # a response that ends with 1xx leaves HTTP
        return False
    return head.http != "1.0" or "keep-alive" in options


def after(how: Ending, *, reusable: bool) -> After:
    """Return what happens to the connection after a response that ends like this."""
    if how == "complete":
        return "keep" if reusable else "close"
    return how


def encode_head(head: Head, client: Client, *, reusable: bool) -> bytes:
    """Encode the status line and the headers, without what the client's version does not know."""
    headers = head.headers if client.version == "1.1" else without(head.headers, "transfer-encoding")
    if client.page:
        headers = readable_by(headers, client.page)
    if client.version == "1.0 keep-alive" and reusable and "keep-alive" not in connection_options(headers):
        headers = (*headers, ("Connection", "keep-alive"))
    return encode_lines([f"HTTP/{head.http} {head.status} {head.reason}", *field_lines(headers)])


def field_lines(headers: Headers) -> list[str]:
    """Return headers, or trailers, as lines without their ends."""
    return [f"{name}: {value}" for name, value in headers]


def encode_lines(lines: list[str]) -> bytes:
    """Encode lines, and the empty one that ends them."""
    return "".join(field_text(line) + "\r\n" for line in [*lines, ""]).encode("latin-1", "replace")


def field_text(text: str) -> str:
    """Replace line ends and NUL by blanks, so that a recorded value cannot add headers (RFC 9110, 5.5)."""
    return text.translate({0: " ", 10: " ", 13: " "})


def encode_data(data: bytes, framing: Framing) -> bytes:
    """Return a chunk of the body, which is not empty, with its framing."""
    return b"%x\r\n%b\r\n" % (len(data), data) if framing == "chunked" else data
