"""Reads the parameters of a JSON API from a query or a body, as typed structs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec


class BadParameters(Exception):
    """A query or a body does not fit its description; the message is for a person."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all queries; by itself, a query without parameters."""


def from_query[Q: Parameters](kind: type[Q], arguments: Mapping[str, Sequence[bytes]]) -> Q:
    """Return a query as a struct of this type; raises BadParameters."""
    for name, values in arguments.items():
        if len(values) > 1:
            raise BadParameters(f"in the query: `{name}` is given {len(values)} times")
    try:
        texts = {name: values[0].decode() for name, values in arguments.items()}
        return msgspec.convert(texts, kind, strict=False)
    except (msgspec.ValidationError, UnicodeDecodeError) as error:
        raise BadParameters(f"in the query: {error}") from None


def from_body[B](kind: type[B], body: bytes) -> B:
    """Return a JSON body as this type; raises BadParameters."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadParameters(f"in the body: {error}") from None
