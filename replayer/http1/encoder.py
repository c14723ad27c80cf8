"""A schedule as the bytes of an HTTP/1 response, ready to write (RFC 9112).

One HTTP chunk for each recorded chunk, never merged and never split. A body is sent as its recorded headers
say, also where it is shorter or longer than they say; the connection then closes, because nothing that
follows could be told from it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from foundation.http.headers import bodiless, connection_options, is_chunked, values, without
from replayer.schedule.actions import Action, Data, Ending, Finish, Head, Raw, Schedule

type Client = Literal["1.1", "1.0", "1.0 keep-alive"]
"""What framing a client understands: its version, and for 1.0 whether it asked to keep the connection."""

type Framing = Literal["none", "chunked", "length", "close"]
"""How the end of a body is told: there is none; by chunks; by `Content-Length`; by the connection's end."""

type After = Literal["keep", "close", "reset", "hang"]
"""What becomes of the connection after a response."""

LAST_CHUNK = b"0\r\n\r\n"
FRAME_OVERHEAD = 130
"""Bytes of memory that a frame takes beside its data: a tuple, an integer and the header of its bytes."""


class Frame(NamedTuple):
    """Bytes to write at a time in microseconds since the whole request had arrived."""

    at: int
    data: bytes


class Script(msgspec.Struct, frozen=True):
    """A response ready to be performed: its frames in order, then at `ends` the end of the response.

    `status` is None where the connection ends without an answer.
    """

    frames: tuple[Frame, ...]
    ends: int
    after: After
    status: int | None = None

    @property
    def size(self) -> int:
        """Bytes of memory that the script takes, about."""
        return sum(len(frame.data) + FRAME_OVERHEAD for frame in self.frames)


class Framer:
    """Encodes the actions of one response in their order, for a request of this method and this client.

    `whole` is how many bytes the body will have, where that is known beforehand. After the End, `after` says
    what becomes of the connection; `status` is None while no head was sent.
    """

    def __init__(self, method: str, client: Client, whole: int | None = None) -> None:
        self.after: After = "close"
        self.status: int | None = None
        self._method = method
        self._client = client
        self._whole = whole
        self._framing: Framing = "none"
        self._reusable = False
        self._length: set[str] = set()
        self._sent = 0

    def feed(self, action: Action) -> bytes:
        """The bytes to write for an action; often none for the last."""
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
                return self._end(action.how)
            case _:
                return b""

    def _head(self, head: Head) -> bytes:
        self.status = head.status
        self._framing = framing_of(head, self._method, self._client)
        self._length = set(values(head.headers, "content-length")) if self._framing == "length" else set()
        self._reusable = keeps_connection(head, self._client) and self._framing != "close"
        if self._whole is not None:
            self._reusable = self._reusable and self._delimited(self._whole)
        return encode_head(head, self._client, reusable=self._reusable)

    def _delimited(self, sent: int) -> bool:
        """Whether the next response can be told from the end of a body of so many bytes."""
        return self._framing != "length" or self._length == {str(sent)}

    def _end(self, how: Ending) -> bytes:
        self.after = after(how, reusable=self._reusable and self._delimited(self._sent))
        return LAST_CHUNK if self._framing == "chunked" and how == "complete" else b""


def script(schedule: Schedule, method: str = "GET", client: Client = "1.1") -> Script:
    """Encode a schedule that answers a request of this method for this client."""
    framer = Framer(method, client, sum(len(action.data) for action in schedule if isinstance(action, Data)))
    encoded = ((action.at, framer.feed(action)) for action in schedule)
    frames = tuple(Frame(at, data) for at, data in encoded if data)
    # A client that can tell the end of the response has all of it with the last byte, and may ask again.
    ends = frames[-1].at if frames and framer.after == "keep" else schedule[-1].at
    return Script(frames, ends, framer.after, framer.status)


def framing_of(head: Head, method: str, client: Client) -> Framing:
    """How the client finds the end of the body (RFC 9112, 6.3); HTTP/1.0 knows no chunks."""
    if bodiless(method, head.status):
        return "none"
    if is_chunked(head.headers):
        return "chunked" if client == "1.1" else "close"
    return "length" if values(head.headers, "content-length") else "close"


def keeps_connection(head: Head, client: Client) -> bool:
    """Whether the two versions and the recorded `Connection` let the connection live on (RFC 9112, 9.3)."""
    options = connection_options(head.headers)
    if client == "1.0" or "close" in options or head.status < 200:  # after a final 1xx no HTTP follows
        return False
    return head.http != "1.0" or "keep-alive" in options


def after(how: Ending, *, reusable: bool) -> After:
    """What becomes of the connection after a response that ends so."""
    if how == "complete":
        return "keep" if reusable else "close"
    return how


def encode_head(head: Head, client: Client, *, reusable: bool) -> bytes:
    """The status line and the headers, as recorded but for what the client's version cannot have."""
    headers = head.headers if client == "1.1" else without(head.headers, "transfer-encoding")
    if client == "1.0 keep-alive" and reusable and "keep-alive" not in connection_options(headers):
        headers = (*headers, ("Connection", "keep-alive"))
    lines = [
        f"HTTP/{head.http} {head.status} {head.reason}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "".join(field_text(line) + "\r\n" for line in [*lines, ""]).encode("latin-1", "replace")


def field_text(text: str) -> str:
    """The text without what would end a line: a recording must not smuggle in headers (RFC 9110, 5.5)."""
    return text.translate({0: " ", 10: " ", 13: " "})


def encode_data(data: bytes, framing: Framing) -> bytes:
    """A chunk of the body, which is not empty, as it is framed."""
    return b"%x\r\n%b\r\n" % (len(data), data) if framing == "chunked" else data
