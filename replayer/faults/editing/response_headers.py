"""Edits the headers of a response, and leaves the rest as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from foundation.http.headers import Headers, without
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Head

type EditHeaders = Callable[[Headers], Headers]
"""Returns the headers that take the place of the given ones."""


def edit_headers(edit: EditHeaders) -> Transform:
    """Return a transform that edits the headers of a response, if it has a head."""

    def feed(step: Step) -> Iterator[Step]:
        yield msgspec.structs.replace(step, headers=edit(step.headers)) if isinstance(step, Head) else step

    return feed


def with_header(headers: Headers, name: str, value: str) -> Headers:
    """Return headers with this one in the place of all of its name: where the first of them was, or else at the end."""
    key = name.lower()
    place = next((place for place, (known, _) in enumerate(headers) if known.lower() == key), len(headers))
    return (*headers[:place], (name, value), *without(headers[place:], key))
