"""Reads the body of a request as a value, so that two bodies are compared by their content, not by their spelling.

    body                              kind         value
    {"b": 1.0, "a": "x"}              json         {"a": "x", "b": 1}, whatever the `Content-Type` says
    b=2&a=1, as urlencoded form       form         [("a", "1"), ("b", "2")], in any order of the names
    multipart/form-data (RFC 7578)    multipart    its parts, in any order of the names
    multipart/related, mixed ...      parts        its parts in their order, whatever the boundary (RFC 2046, 5.1)
    anything else                     bytes        the bytes themselves

Secrets are recognised as in redaction, and all are equal: a recording has stand-ins for them, and a replay does not
check passwords. So {"user": "ann", "password": "a"} and {"user": "ann", "password": "b"} are the same body.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from cassettes.redaction.secret_masks import masked
from foundation import exact_json
from foundation.http.headers import Headers, first, media_type

type Kind = Literal["json", "form", "multipart", "parts", "bytes"]
type Pointer = tuple[str, ...]
"""The steps of a JSON pointer (RFC 6901); the step "*" stands for every key or index."""

MOST_PARTS = 1000
"""Parts of a multipart body; one with more is compared by its bytes."""


class Body(NamedTuple):
    """A body as it is compared: a JSON value; (name, value) pairs or parts, sorted by their names; or the bytes.

    A part is (name, filename, content type, content). A part that is not of a form has its place for a name, from "0"
    on. Bytes in pairs and parts are decoded as Latin-1, in which different bytes are different text. The `canonical`
    bytes of two bodies are equal if, and only if, the bodies are the same.
    """

    kind: Kind
    value: Any
    canonical: bytes


def read(body: bytes, headers: Headers, ignored: Sequence[Pointer] = ()) -> Body:
    """Read a body without what the `ignored` pointers refer to; in a form, a pointer of one step names a field."""
    form = media_type(headers) == "application/x-www-form-urlencoded"
    found = _read(masked(body, "form" if form else "text"), headers)
    if found.kind == "bytes" or not ignored:
        return found
    if found.kind == "json":
        for pointer in ignored:
            leave_out(found.value, pointer)
        return _of(found.kind, found.value)
    names = {pointer[0] for pointer in ignored if len(pointer) == 1}
    kept = [] if "*" in names else [item for item in found.value if readable(item[0]) not in names]
    return _of(found.kind, kept)


def _of(kind: Kind, value: Any) -> Body:
    """Return the body with its canonical bytes."""
    return Body(kind, value, kind.encode() + exact_json.encode(value))


def _read(body: bytes, headers: Headers) -> Body:
    if not body:
        return NO_BODY
    try:
        return _of("json", exact_json.decode(body))
    except (ValueError, RecursionError):
        return _by_type(body, headers) or Body("bytes", body, b"bytes" + body)


def _by_type(body: bytes, headers: Headers) -> Body | None:
    kind = media_type(headers)
    if kind == "application/x-www-form-urlencoded":
        return _of("form", by_name(pairs(body.decode("latin-1"))))
    if not kind.startswith("multipart/"):
        return None
    parts = multipart(body, first(headers, "content-type"))
    if parts is None:
        return None
    return _of("multipart", by_name(parts)) if kind == "multipart/form-data" else _of("parts", parts)


def by_name[Item: tuple[str, ...]](items: Iterable[Item]) -> list[Item]:
    """Return named values sorted by their names; those of one name keep their order, which can mean something."""
    return sorted(items, key=itemgetter(0))


NO_BODY = Body("bytes", b"", b"bytes")


def pairs(query: str) -> list[tuple[str, str]]:
    """Return the pairs of a query or a form, decoded as Latin-1, so that bytes that are no UTF-8 stay different."""
    return parse_qsl(query, keep_blank_values=True, encoding="latin-1")


class PartParser(PushMultipartParser):  # type: ignore[misc] # it ships no types
    """Parses the parts of any multipart body (RFC 2046, 5.1); only those of a form have to have a name."""

    def _create_segment(self, headerlist: list[tuple[str, str]]) -> MultipartSegment:
        return MultipartSegment(headerlist)


def multipart(body: bytes, content_type: str) -> list[tuple[str, str, str, str]] | None:
    """Return the parts of a multipart body (RFC 2046, 5.1), as (name, filename, content type, content).

    Outside of a form (RFC 7578) the name is the part's place, from "0" on, because a `Content-ID` is a random label.
    Bytes are decoded as Latin-1. Returns None when the body is malformed, or has more than `MOST_PARTS`.
    """
    kind, options = parse_options_header(content_type)
    of_form = kind.lower() == "multipart/form-data"
    parser_of = PushMultipartParser if of_form else PartParser
    parts: list[tuple[str, str, str, str]] = []
    try:
        with parser_of(
            options.get("boundary", ""), header_charset="latin-1", max_segment_count=MOST_PARTS
        ) as parser:
            for found in parser.parse(body):
                if isinstance(found, MultipartSegment):
                    name = (found.name or "") if of_form else str(len(parts))
                    parts.append((name, found.filename or "", found.header("Content-Type", ""), ""))
                elif found:
                    *head, content = parts[-1]
                    parts[-1] = (*head, content + found.decode("latin-1"))
    except (MultipartError, UnicodeError):  # UnicodeError: the boundary is no UTF-8
        return None
    return parts


def leave_out(value: Any, pointer: Pointer) -> None:
    """Remove what a pointer refers to from a JSON value, in place.

    An item of a list becomes null, so that the other items keep their indexes; "*" as the last step empties the list or
    the object. With {"a": [{"id": 1}, {"id": 2}], "b": [3, 4]}:

        /a/*/id    {"a": [{}, {}], "b": [3, 4]}
        /b/0       {"a": [{"id": 1}, {"id": 2}], "b": [null, 4]}
        /b/*       {"a": [{"id": 1}, {"id": 2}], "b": []}
    """
    *way, last = pointer
    places = [value]
    for step in way:
        places = [child for place in places for child in _children(place, step)]
    for place in places:
        if last == "*" and isinstance(place, (dict, list)):
            place.clear()
        elif isinstance(place, dict):
            place.pop(last, None)
        elif isinstance(place, list) and _is_index(last, place):
            place[int(last)] = None


def _children(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == "*" else [value[step]] if step in value else []
    if isinstance(value, list):
        return value if step == "*" else [value[int(step)]] if _is_index(step, value) else []
    return []


def _is_index(step: str, items: Sequence[Any]) -> bool:
    return step.isascii() and step.isdecimal() and len(step) < 10 and int(step) < len(items)


def readable(text: str | bytes) -> str:
    """Return bytes, or the bytes of a text in Latin-1, decoded as UTF-8; malformed ones are escaped."""
    data = text if isinstance(text, bytes) else text.encode("latin-1", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")
