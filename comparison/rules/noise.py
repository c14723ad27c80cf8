"""What varies by nature in one chatbot's answers: learned from recordings, edited by people, kept in a file."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

type Varies = Literal["value", "any", "presence", "text"]
"""What may be there: any value of the same JSON type; anything or nothing; the value or nothing; another wording."""

VARIES: tuple[Varies, ...] = get_args(Varies.__value__)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field that varies.

    `pointer` is a JSON pointer in which "*" is any key or index, `request` reads "POST /api/v1/stream" with "*"
    for any segment of the path, `event` is the type of the event, empty for a body. `similarity` (0 to 1) is that
    which texts need to be the same, that of all texts where it is None.
    """

    pointer: str
    request: str = ""
    event: str = ""
    varies: Varies = "value"
    similarity: float | None = None


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """All that varies. `timing` is how many times as long anything may take; None where it was not learned.

    `heartbeats` says that their number varies, `states` that polls see a job in other states on its way.
    """

    fields: tuple[Field, ...] = ()
    timing: float | None = None
    heartbeats: bool = False
    states: bool = False


SILENCE = Noise()
