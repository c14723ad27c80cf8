"""Typed parameters of a JSON API, read from a query or a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec


class BadParameters(Exception):
    """A question that cannot be answered as it was asked; the message is for a person to read."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One without parameters."""


def from_query[Q: Parameters](kind: type[Q], arguments: Mapping[str, Sequence[bytes]]) -> Q:
    """The question that a query asks; raises Unclear."""
    for name, values in arguments.items():
        if len(values) > 1:
            raise BadParameters(f"in the query: `{name}` is given {len(values)} times")
    try:
        texts = {name: values[0].decode() for name, values in arguments.items()}
        return msgspec.convert(texts, kind, strict=False)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadParameters(f"in the query: {error}") from None


def from_body[B](kind: type[B], body: bytes) -> B:
    """The JSON of a body; raises Unclear."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadParameters(f"in the body: {error}") from None
