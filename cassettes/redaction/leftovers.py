"""Finds what looks secret and is no stand-in in a cassette, by the judgement of redaction itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from cassettes.model import AnyRecord, Chunk, End, Header, Loss, Request, Response
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import Rule
from cassettes.redaction.stand_ins import is_stand_in

ABOUT = {Chunk: "response body", End: "end", Loss: "loss", Header: "header"}


class Leftover(NamedTuple):
    """Where a value is left that looks secret, and what kind of secret; `exchange` is its number in the cassette."""

    exchange: int | None
    place: str
    kind: str


def leftovers(
    records: Iterable[AnyRecord], rules: Sequence[Rule] = (), keep: Sequence[Rule] = ()
) -> Iterator[Leftover]:
    """Yield the values that redaction would replace and that are no stand-ins, each place and kind once."""
    seen: list[tuple[str, bytes]] = []
    redactor = Redactor(
        rules, keep, key=secrets.token_bytes(32), seen=lambda kind, spelled: seen.append((kind, spelled))
    )
    told: set[Leftover] = set()
    begun = 0
    numbers: dict[int | None, int] = {}
    for record in records:
        if isinstance(record, Header):
            numbers = {}
        if isinstance(record, Request):
            numbers[record.exchange] = begun
            begun += 1
        number = numbers.get(getattr(record, "exchange", None))
        for place, part in _parts(record):
            redactor.feed([part])
            for kind, spelled in seen:
                found = Leftover(number, place, kind)
                if found not in told and not is_stand_in(spelled):
                    told.add(found)
                    yield found
            seen.clear()


def _parts(record: AnyRecord) -> Iterator[tuple[str, AnyRecord]]:
    """Yield the parts of a record, each as a record of its own, with a name for a person."""
    match record:
        case Request():
            bare = replace(record, url="", body=b"", headers=(), extra={})
            yield "request url", replace(bare, url=record.url)
            for name, value in record.headers:
                yield f"request header {name}", replace(bare, headers=((name, value),))
            types = tuple(header for header in record.headers if header[0].lower() == "content-type")
            yield "request body", replace(bare, headers=types, body=record.body)
        case Response():
            for name, value in record.headers:
                yield f"response header {name}", replace(record, headers=((name, value),), extra={})
            types = tuple(header for header in record.headers if header[0].lower() == "content-type")
            yield "response", replace(record, headers=types)
        case _:
            yield ABOUT.get(type(record), "record"), record
