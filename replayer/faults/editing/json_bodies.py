"""Edits JSON documents, in the body of an answer or in the data of an event, and leaves the rest as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from foundation.http.headers import media_type
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data, Finish, Head, Raw

MOST_HELD = 16 << 20
"""Bytes of memory that a body takes at most until it is whole; the platform's client reads no longer ones either."""

OVERHEAD = 128
"""Bytes of memory that a piece takes beside its own, about."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a pair can only be written escaped: UTF-8 has none."""

type EditDocument = Callable[[Any], Any]
"""From a document to what takes its place; it may change the one that it is given."""


def edited(text: str, edit: EditDocument) -> str:
    """The JSON text after an edit, spelled as it was; the very same when it is no JSON, or not changed."""
    try:
        document = json.loads(text)
        before = written(document, text)
        after = written(edit(document), text)
    except (ValueError, RecursionError):
        return text
    return text if after == before else after


def written(document: Any, like: str) -> str:
    """The JSON text of a document, with blanks and escapes where another one has them."""
    separators = (", ", ": ") if '": ' in like else (",", ":")
    text = json.dumps(document, ensure_ascii=like.isascii(), separators=separators)
    return json.dumps(document, separators=separators) if SURROGATE.search(text) else text


def in_bodies(edit: EditDocument) -> Transform:
    """Edit the JSON body of an answer: it is held until it is whole, and sent when its last piece would be."""
    return Bodies(edit).feed


class Bodies:
    """Edits the JSON body of one answer. One that is too long, or broken into by other bytes, is not edited."""

    def __init__(self, edit: EditDocument) -> None:
        self._edit = edit
        self._is_json = False
        self._held: list[Data] = []
        self._size = 0

    def feed(self, step: Step) -> Iterator[Step]:
        """What takes the place of a step."""
        if isinstance(step, Head):
            kind = media_type(step.headers)
            self._is_json = kind == "application/json" or kind.endswith("+json")
        if isinstance(step, Data) and self._is_json:
            self._held.append(step)
            self._size += len(step.data) + OVERHEAD
            if self._size > MOST_HELD:
                yield from self._give_up()
            return
        if isinstance(step, Raw):
            yield from self._give_up()
        if isinstance(step, Finish):
            yield from edited_pieces(self._held, self._edit)
        yield step

    def _give_up(self) -> list[Data]:
        """What was held, as it is; nothing is held any more."""
        held, self._held, self._is_json = self._held, [], False
        return held


def edited_pieces(pieces: list[Data], edit: EditDocument) -> list[Data]:
    """The pieces of a document after an edit: one, if it was changed."""
    body = b"".join(piece.data for piece in pieces)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return pieces
    changed = edited(text, edit)
    return pieces if changed == text else [Data(pieces[-1].at, changed.encode())]
