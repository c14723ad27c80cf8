"""Noise: what varies by nature in the responses of one chatbot, learned from recordings and kept in a noise file."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

type Varies = Literal["value", "any", "presence", "text", "sentences"]
"""How a field may vary: "value", any value of the same JSON type; "any", any value, or none; "presence", the recorded
value, or none; "text", another wording; "sentences", with sentences more or less."""

VARIES: tuple[Varies, ...] = get_args(Varies.__value__)


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field that varies.

    `pointer` is a JSON pointer (RFC 6901) in which "*" is any key or index. `request` reads "POST /api/v1/stream" with
    "*" for any segment of the path; empty, it is every request. `event` is the type of the event, empty for a body.
    `similarity` (0 to 1) is what its texts need to count as equal; None is the tolerance of all texts.
    """

    pointer: str
    request: str = ""
    event: str = ""
    varies: Varies = "value"
    similarity: float | None = None


class Noise(msgspec.Struct, frozen=True, kw_only=True):
    """All that varies in the responses of one chatbot.

    `timing` is how many times as long or as short anything may take, None where it was not learned. `heartbeats`
    says that their number varies, `states` that a job's polls see other states before its end.
    """

    fields: tuple[Field, ...] = ()
    timing: float | None = None
    heartbeats: bool = False
    states: bool = False


SILENCE = Noise()
