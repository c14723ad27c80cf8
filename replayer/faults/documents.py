"""Edits JSON documents, in the body of an answer or in the data of an event, and leaves the rest as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from cassettes.model import media_type
from replayer.faults.fault import Feed, Step
from replayer.schedule import Data, End, Head

type EditDocument = Callable[[Any], Any]
"""From a document to what takes its place; it may change the one that it is given."""


def edited(text: str, edit: EditDocument) -> str:
    """The JSON text after an edit, as widely spaced as it was; the very same when it is no JSON, or not changed."""
    try:
        document, before = json.loads(text), json.loads(text)
        after = edit(document)
    except (ValueError, RecursionError):
        return text
    if after == before and type(after) is type(before):
        return text
    wide = '": ' in text
    return json.dumps(after, ensure_ascii=False, separators=(", ", ": ") if wide else (",", ":"))


def in_bodies(edit: EditDocument) -> Feed:
    """Edit the JSON body of an answer: it is held until it is whole, and sent when its last piece would be."""
    is_json = False
    held: list[Data] = []

    def feed(step: Step) -> Iterator[Step]:
        nonlocal is_json
        if isinstance(step, Head):
            kind = media_type(step.headers)
            is_json = kind == "application/json" or kind.endswith("+json")
        if is_json and isinstance(step, Data):
            held.append(step)
            return
        if isinstance(step, End):
            yield from edited_pieces(held, edit)
        yield step

    return feed


def edited_pieces(pieces: list[Data], edit: EditDocument) -> list[Data]:
    """The pieces of a document after an edit: one, if it was changed."""
    body = b"".join(piece.data for piece in pieces)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return pieces
    changed = edited(text, edit)
    return pieces if changed == text else [Data(pieces[-1].at, changed.encode())]
