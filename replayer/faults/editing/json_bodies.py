"""Edits JSON documents, in the body of a response or in the data of an event, and leaves the rest as it was."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from foundation.http.headers import media_type
from replayer.faults.fault import Step, Transform
from replayer.schedule.actions import Data, Finish, Head, Raw

MOST_HELD = 16 << 20
"""Bytes of memory for a body that is not complete yet; the platform's client reads no longer one either."""

OVERHEAD = 128
"""Bytes of memory that a piece takes in addition to its data, about."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""A lone surrogate, which JSON can only write as an escape, since UTF-8 has no bytes for it."""

type EditDocument = Callable[[Any], Any]
"""Returns the document that takes the place of the given one, which it may change."""


def edited_json(text: str, edit: EditDocument) -> str:
    """Return a JSON text after an edit, with blanks and escapes as before; the same text if the edit changes nothing.

    A text that is not JSON is returned as it is.

        edited_json('{"a": 1, "b": 2}', drop_b)     '{"a": 1}'
        edited_json('{"a":1,"b":2}', drop_b)        '{"a":1}'
        edited_json('{"a" : 1}', drop_b)            '{"a" : 1}', which has no b
    """
    try:
        document = json.loads(text)
        before = json_like(document, text)
        after = json_like(edit(document), text)
    except (ValueError, RecursionError):
        return text
    return text if after == before else after


def json_like(document: Any, like: str) -> str:
    """Return the JSON of a document, with blanks after `:` and `,`, and escapes, if the text `like` has them."""
    separators = (", ", ": ") if '": ' in like else (",", ":")
    text = json.dumps(document, ensure_ascii=like.isascii(), separators=separators)
    return json.dumps(document, separators=separators) if SURROGATE.search(text) else text


def edit_json_bodies(edit: EditDocument) -> Transform:
    """Return a transform that edits a JSON body: it is held until it is complete, and sent at its last piece's time."""
    return JsonBodyEditor(edit).feed


class JsonBodyEditor:
    """Edits the JSON body of one response. A longer one than MOST_HELD, or with bytes outside its framing, is left."""

    def __init__(self, edit: EditDocument) -> None:
        self._edit = edit
        self._is_json = False
        self._held: list[Data] = []
        self._size = 0

    def feed(self, step: Step) -> Iterator[Step]:
        """Return the steps in the place of one."""
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
        """Return the pieces held, unchanged, and hold none from now on."""
        held, self._held, self._is_json = self._held, [], False
        return held


def edited_pieces(pieces: list[Data], edit: EditDocument) -> list[Data]:
    """Return the pieces of a document after an edit: one piece if it was changed, else the same pieces."""
    body = b"".join(piece.data for piece in pieces)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return pieces
    changed = edited_json(text, edit)
    return pieces if changed == text else [Data(pieces[-1].at, changed.encode())]
