"""Puts the values that a client made up where the recorded server echoed those of the recorded client.

    recorded  POST /mcp {"jsonrpc": "2.0", "id": 1, ...}     {"jsonrpc": "2.0", "id": 1, "result": {"id": 1}}
    live      POST /mcp {"jsonrpc": "2.0", "id": 7, ...}     {"jsonrpc": "2.0", "id": 7, "result": {"id": 1}}

A long value, such as a UUID, is replaced wherever it stands, a short one only in a field of the same name, and the id
of JSON-RPC only where its messages have it. Bytes keep their chunks and times; only `Content-Length` follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from cassettes import model
from cassettes.tokens.finder import SPELLINGS, TokenFinder
from foundation import exact_json
from foundation.http.headers import Headers
from recorder.url_rewriting import is_text
from replayer.matching.fresh_values import FreshValue
from replayer.rendering.own_address import resized
from replayer.rendering.own_tokens import replaced

SAFE = re.compile(r"[ !#-\[\]-~]+")
"""What can be written into a header, a url or a JSON text as it is."""

SHORTEST = 6
"""Characters of a value that is found wherever it stands; a shorter one can stand there by chance."""

JSON_LINE = re.compile(rb"^(?:data: ?)?([\[{].*[\]}])\r?$", re.MULTILINE)
"""A JSON document that has a line of its own, as the data of an event does."""

MOST_PLACES = 64
"""Places of a JSON document that are tried for the id of its message."""

TRIED = b'"\\u0000"'


class ByteEdit(NamedTuple):
    """Bytes of a body, from `start` to `stop`, and what takes their place."""

    start: int
    stop: int
    data: bytes


def with_echoes(exchange: model.Exchange, values: Sequence[FreshValue]) -> model.Exchange:
    """The exchange with what its client sent in the place of the recorded values; itself where it echoes none."""
    response = exchange.response
    if response is None:
        return exchange
    long = {str(one.expected): str(one.found) for one in values if is_long(one)}
    finder = TokenFinder(long)
    headers = tuple((name, replaced(value, finder, long.__getitem__)) for name, value in response.headers)
    body = exchange.body
    edits: list[ByteEdit] = []
    if is_text(response.headers):
        edits += (
            ByteEdit(start, stop, SPELLINGS[spelling](long[value]).encode())
            for start, stop, value, spelling in finder.matches(body)
        )
        edits += (edit for one in values if not is_long(one) for edit in field_edits(body, one))
    if headers == response.headers and not edits:
        return exchange
    chunks = tuple(spliced(exchange.chunks, sorted(edits)))
    longer = sum(len(chunk.data) for chunk in chunks) - len(body)
    response = msgspec.structs.replace(response, headers=with_length(headers, longer))
    return msgspec.structs.replace(exchange, response=response, chunks=chunks)


def is_long(value: FreshValue) -> bool:
    """Whether a value is found wherever it stands, and the new one can be written there."""
    texts = str(value.expected), str(value.found)
    plain = not isinstance(value.expected, str) and not isinstance(value.found, str)
    return len(texts[0]) >= (9 if plain else SHORTEST) and all(map(SAFE.fullmatch, texts))


def with_length(headers: Headers, longer: int) -> Headers:
    """Headers whose `Content-Length` is right for a body that became longer."""
    return tuple((name, resized(name, value, longer)) for name, value in headers) if longer else headers


def field_edits(body: bytes, value: FreshValue) -> Iterator[ByteEdit]:
    """Yield the places of a short value: in fields of its name, of JSON-RPC's id in the messages that have it."""
    if not is_scalar(value.expected) or not is_scalar(value.found):
        return
    name, old = (re.escape(exact_json.encode(one)) for one in (value.name, value.expected))
    field = re.compile(name + rb"\s*:\s*(" + old + rb")(?=\s*[,}\]])")
    new = exact_json.encode(value.found)
    for start, stop in documents(body):
        text = body[start:stop]
        for begin, end in [found.span(1) for found in field.finditer(text)][:MOST_PLACES]:
            if value.name != "id" or is_id_of_message(text, begin, end):
                yield ByteEdit(start + begin, start + end, new)


def documents(body: bytes) -> Iterable[tuple[int, int]]:
    """Where the JSON documents of a body stand: the body itself, or lines of it."""
    try:
        exact_json.decode(body)
    except (ValueError, RecursionError):
        return (found.span(1) for found in JSON_LINE.finditer(body))
    return ((0, len(body)),)


def is_id_of_message(text: bytes, begin: int, end: int) -> bool:
    """Whether the value at these places of a JSON document is the id of a JSON-RPC message, or of one of a batch."""
    try:
        return ids(text) != ids(text[:begin] + TRIED + text[end:])
    except (ValueError, RecursionError):
        return False


def ids(text: bytes) -> list[Any]:
    """The ids of the JSON-RPC messages in a document."""
    found = exact_json.decode(text)
    messages = found if isinstance(found, list) else [found]
    return [one.get("id") for one in messages if isinstance(one, dict) and "jsonrpc" in one]


def is_scalar(value: object) -> bool:
    """Whether a value is a text or a number."""
    return isinstance(value, str | int | float | Decimal) and not isinstance(value, bool)


def spliced(chunks: Sequence[model.Chunk], edits: Sequence[ByteEdit]) -> Iterator[model.Chunk]:
    """Yield the chunks after edits, which are in order; what two of them share goes with the second."""
    left = list(edits)[::-1]
    begin = 0
    for chunk in chunks:
        end, at, pieces = begin + len(chunk.data), begin, []
        while left and left[-1].start < end:
            edit = left[-1]
            pieces.append(chunk.data[at - begin : max(at, edit.start) - begin])
            if edit.stop > end:
                at = end
                break
            pieces.append(edit.data)
            at = edit.stop
            left.pop()
        pieces.append(chunk.data[at - begin :])
        yield msgspec.structs.replace(chunk, data=b"".join(pieces))
        begin = end
