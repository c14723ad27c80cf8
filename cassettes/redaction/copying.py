"""Redacts what is recorded already: the records of a whole file."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence

from cassettes import model
from cassettes.redaction.redactor import Redactor
from cassettes.redaction.rules import Rule


def redacted(records: Iterable[model.AnyRecord], rules: Sequence[Rule]) -> Iterator[model.AnyRecord]:
    """The records of a cassette, redacted; each recording in it has its own stand-ins."""
    redactor = Redactor(rules, key=secrets.token_bytes(32))
    for record in records:
        if isinstance(record, model.Header):
            yield from redactor.close()
            redactor = Redactor(rules, key=secrets.token_bytes(32))
        yield from redactor.feed([record])
    yield from redactor.close()
