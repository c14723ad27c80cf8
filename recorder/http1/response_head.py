r"""Parses the head of a response, and says what frames its body (RFC 9112, 4 to 6).

What RFC 9112 lets a recipient repair is repaired, so that whoever gets the head afterwards reads one meaning in it:

    X-Note: one\r\n\ttwo                           X-Note: one two
    X-Note : one                                   X-Note: one
    Content-Length: 2, 2                           Content-Length: 2
    Content-Length: 40, Transfer-Encoding: chunked Transfer-Encoding: chunked
    Content-Length: 2, Content-Length: 3           raises MalformedResponse
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from foundation.http.headers import Headers, bodiless, values, without
from recorder.http1.malformed import MalformedResponse

STATUS_LINE = re.compile(rb"HTTP/(\d\.\d)[ \t]+(\d{3})(?:[ \t]+(.*))?", re.DOTALL)
TRANSFER_CODINGS = frozenset({"chunked", "identity", "gzip", "x-gzip", "deflate", "compress", "x-compress"})
LENGTH = re.compile("[0-9]{1,18}")

type BodyFraming = int | Literal["chunked", "until close"]
"""What ends a body: a number of bytes, 0 where there is no body; the last chunk; or the end of the connection."""


class ReceivedHead(msgspec.Struct, frozen=True):
    """The head of a response as its recipient is to read it, and what frames its body."""

    http: str
    status: int
    reason: str
    headers: Headers
    framing: BodyFraming


def parse_head(lines: Iterable[bytes], method: str) -> ReceivedHead:
    """Parse the lines of a head, without their ends, of the response to a request of this method.

    Raises MalformedResponse.
    """
    first, *rest = lines
    found = STATUS_LINE.fullmatch(first)
    if found is None or int(found[2]) < 100:
        raise MalformedResponse("it begins with no status line")
    version, status = found[1].decode(), int(found[2])
    headers, framing = framed(parse_fields(rest), method, status)
    return ReceivedHead(version, status, (found[3] or b"").decode("latin-1").strip(), headers, framing)


def parse_fields(lines: Iterable[bytes]) -> Headers:
    """Parse the lines of headers or trailers; raises MalformedResponse."""
    fields: list[tuple[bytes, bytes]] = []
    for line in lines:
        if b"\0" in line:
            raise MalformedResponse("a header has a NUL")
        name, colon, value = line.replace(b"\r", b" ").partition(b":")
        if line[:1] in {b" ", b"\t"} and fields:
            before, start = fields.pop()
            fields.append((before, b" ".join([start, line.strip()]).strip()))
        elif colon and name.strip():
            fields.append((name.strip(), value.strip(b" \t")))
        else:
            raise MalformedResponse("a header has no name")
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in fields)


def framed(headers: Headers, method: str, status: int) -> tuple[Headers, BodyFraming]:
    """Return the headers with one meaning, and what frames the body (RFC 9112, 6.3); raises MalformedResponse."""
    if bodiless(method, status):
        return headers, 0
    codings = [coding for coding in list_values(headers, "transfer-encoding") if coding]
    if any(coding.lower() not in TRANSFER_CODINGS for coding in codings):
        raise MalformedResponse("its Transfer-Encoding is not known")
    if codings and codings[-1].lower() == "chunked":
        return without(headers, "content-length"), "chunked"
    if any(coding.lower() != "identity" for coding in codings):
        return without(headers, "content-length"), "until close"
    headers = without(headers, "transfer-encoding") if codings else headers
    lengths = list_values(headers, "content-length")
    if not lengths:
        return headers, "until close"
    length = common_length(lengths)
    return single_length(headers, length), int(length)


def list_values(headers: Headers, name: str) -> list[str]:
    """Return the members of a header that is a list, from all of its lines (RFC 9110, 5.6.1)."""
    return [member.strip() for value in values(headers, name) for member in value.split(",")]


def common_length(lengths: list[str]) -> str:
    """Return the length that all values of `Content-Length` name (RFC 9110, 8.6); raises MalformedResponse."""
    if not all(LENGTH.fullmatch(length) for length in lengths):
        raise MalformedResponse("its Content-Length is no number")
    if len({int(length) for length in lengths}) > 1:
        raise MalformedResponse(f"it has different lengths, Content-Length: {', '.join(lengths)[:60]}")
    return lengths[0]


def single_length(headers: Headers, length: str) -> Headers:
    """Return the headers with the first `Content-Length` alone, whose value is this one length."""
    kept: list[tuple[str, str]] = []
    seen = False
    for name, value in headers:
        if name.lower() != "content-length":
            kept.append((name, value))
        elif not seen:
            kept.append((name, length))
            seen = True
    return tuple(kept)
