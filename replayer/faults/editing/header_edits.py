"""Edits the headers of an answer, and leaves the rest as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from foundation.http.headers import Headers, without
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Head

type EditHeaders = Callable[[Headers], Headers]
"""From headers to those that take their place."""


def in_heads(edit: EditHeaders) -> Transform:
    """Edit the headers; a connection that ends without an answer has none."""

    def feed(step: Step) -> Iterator[Step]:
        yield msgspec.structs.replace(step, headers=edit(step.headers)) if isinstance(step, Head) else step

    return feed


def with_header(headers: Headers, name: str, value: str) -> Headers:
    """Headers with this one where the first of its name was, and no other of its name; else at their end."""
    key = name.lower()
    place = next((place for place, (known, _) in enumerate(headers) if known.lower() == key), len(headers))
    return (*headers[:place], (name, value), *without(headers[place:], key))
