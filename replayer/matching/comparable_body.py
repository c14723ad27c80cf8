"""What the body of a request says, so that two can be compared by that and not by how it is spelled.

A body that is JSON is its value, whatever its `Content-Type` says; `application/x-www-form-urlencoded` is its
pairs, `multipart/form-data` (RFC 7578) its parts, both in any order; every other body is its bytes.

Credentials are known by their key names, as redaction knows them, and are equal whatever they are: a recording
holds stand-ins for them, and a replay needs no password.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from cassettes.redaction.secret_names import STEMS, is_secret
from foundation.http.headers import Headers, first, media_type

type Kind = Literal["json", "form", "multipart", "bytes"]
type Pointer = tuple[str, ...]
"""The steps of a JSON pointer (RFC 6901); "*" is every key or index."""

SECRET = "(a secret)"  # noqa: S105 - that of nobody
"""Stands for every credential."""

STEM = re.compile(b"|".join(map(re.escape, STEMS)))
"""In a body without any of these, in lower case, no name is that of a credential."""

MOST_PARTS = 1000
"""Of a multipart body: one of more is compared by its bytes."""


class Body(NamedTuple):
    """A body as it is compared: a JSON value; sorted (name, value) pairs; sorted parts; or the bytes.

    A part is (name, filename, content type, content); bytes that are text are Latin-1, which keeps any apart.
    `canonical` is the same for two bodies when, and only when, they are the same.
    """

    kind: Kind
    value: Any
    canonical: bytes


def read(body: bytes, headers: Headers, ignored: Sequence[Pointer] = ()) -> Body:
    """What a body says without what is ignored: pointers into JSON, or one-step pointers to fields of a form."""
    found = _read(body, headers)
    secret = STEM.search(body.lower()) is not None
    if found.kind == "bytes" or not (ignored or secret):
        return found
    if found.kind == "json":
        for pointer in ignored:
            leave_out(found.value, pointer)
        try:
            return _of(found.kind, without_secrets(found.value) if secret else found.value)
        except RecursionError:  # deeper than any that names a credential
            return found
    names = {pointer[0] for pointer in ignored if len(pointer) == 1}
    kept = [] if "*" in names else [item for item in found.value if readable(item[0]) not in names]
    return _of(found.kind, [without_secret(item) for item in kept])


def _of(kind: Kind, value: Any) -> Body:
    return Body(kind, value, kind.encode() + encode(value))


def _read(body: bytes, headers: Headers) -> Body:
    if not body:
        return NO_BODY
    try:
        return _of("json", _decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: UTF-8, or an endless number
        return _by_type(body, headers) or Body("bytes", body, b"bytes" + body)


def _by_type(body: bytes, headers: Headers) -> Body | None:
    match media_type(headers):
        case "application/x-www-form-urlencoded":
            return _of("form", sorted(pairs(body.decode("latin-1"))))
        case "multipart/form-data":
            parts = multipart(body, first(headers, "content-type"))
            return None if parts is None else _of("multipart", sorted(parts))
        case _:
            return None


NO_BODY = Body("bytes", b"", b"bytes")


def pairs(query: str) -> list[tuple[str, str]]:
    """The pairs of a query or a form; Latin-1 keeps any bytes apart, UTF-8 or not."""
    return parse_qsl(query, keep_blank_values=True, encoding="latin-1")


def multipart(body: bytes, content_type: str) -> list[tuple[str, str, str, str]] | None:
    """The parts of a `multipart/form-data` body (RFC 7578); None when it is none, or has more than MOST_PARTS.

    All text is Latin-1, which keeps any bytes apart.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    parts: list[tuple[str, str, str, str]] = []
    try:
        with PushMultipartParser(boundary, header_charset="latin-1", max_segment_count=MOST_PARTS) as parser:
            for found in parser.parse(body):
                if isinstance(found, MultipartSegment):
                    kind = found.header("Content-Type", "")
                    parts.append((found.name or "", found.filename or "", kind, ""))
                elif found:
                    *head, content = parts[-1]
                    parts[-1] = (*head, content + found.decode("latin-1"))
    except (MultipartError, UnicodeError):  # UnicodeError: a boundary that is no UTF-8
        return None
    return parts


def leave_out(value: Any, pointer: Pointer) -> None:
    """Take what a pointer names out of a JSON value.

    An item of a list becomes null, so that the others keep their places; "*" as the last step empties it.
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


def without_secrets(value: Any, *, secret: bool = False) -> Any:
    """A JSON value with every credential in it as the same one, at any depth under its key."""
    if isinstance(value, dict):
        return {
            key: without_secrets(item, secret=secret or is_secret(key.encode("utf-8", "surrogatepass")))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item, secret=secret) for item in value]
    return SECRET if secret and value is not None and not isinstance(value, bool) else value


def without_secret[Item: tuple[str, ...]](item: Item) -> Item:
    """A named value, its last part the same for all when it is a credential."""
    return (*item[:-1], SECRET) if is_secret(item[0].encode("latin-1")) else item  # type: ignore[return-value] # as long


def _children(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values()) if step == "*" else [value[step]] if step in value else []
    if isinstance(value, list):
        return value if step == "*" else [value[int(step)]] if _is_index(step, value) else []
    return []


def _is_index(step: str, items: Sequence[Any]) -> bool:
    return step.isascii() and step.isdecimal() and len(step) < 10 and int(step) < len(items)


def readable(text: str | bytes) -> str:
    """Bytes, also such that hide in Latin-1 text, as UTF-8 where they are."""
    data = text if isinstance(text, bytes) else text.encode("latin-1", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def number(text: str) -> int | float:
    """A number with a fraction or an exponent, as an integer when it is one."""
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{text} is too large")
    return int(value) if value.is_integer() else value


_decode = msgspec.json.Decoder(float_hook=number).decode
encode = msgspec.json.Encoder(order="sorted").encode
"""The one JSON text of a value."""
