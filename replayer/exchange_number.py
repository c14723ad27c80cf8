"""The two numberings of exchanges that a replay adds to that of a cassette, and how they are written.

An exchange of a replay has a number that counts through all its files, `ReplayExchange`, by which the code finds
it; and an id for people, `ExchangeId`, which says the file and the number there. For a replay of two files with
3 and 20 exchanges:

    ReplayExchange   0     1     2     3     ...   22
    ExchangeId       0.0   0.1   0.2   1.0   ...   1.19

Where there is one file its name is left out: `0`, `1`, `2`. The inspector shows the same ids.
"""

from __future__ import annotations

import re
from typing import NewType

import msgspec

from cassettes.model import CassetteExchange

ReplayExchange = NewType("ReplayExchange", int)
"""Counts the exchanges of all files of a replay, from 0, in the order in which the files were given."""

RecordedSession = NewType("RecordedSession", int)
"""Counts the recorded sessions of all files of a replay, from 0."""

type ShownExchange = int | str
"""An exchange as a person reads it, and can give it back: 15 where there is one file, "2.15" where there are more."""

WRITTEN = re.compile(r"(?:([0-9]{1,9})\.)?([0-9]{1,15})")


class ExchangeId(msgspec.Struct, frozen=True):
    """An exchange by its file and its number there, both from 0."""

    exchange: CassetteExchange
    file: int = 0

    def shown(self, *, several: bool) -> ShownExchange:
        """How a person reads it; the number of the file is left out where there are not several."""
        return f"{self.file}.{self.exchange}" if several else int(self.exchange)


def read_id(text: str) -> ExchangeId:
    """The id that is written as 15, of the first file, or as 2.15; raises ValueError for another text."""
    found = WRITTEN.fullmatch(text)
    if not found:
        raise ValueError(
            f"{text!r} is no exchange; write 15, or 2.15 for number 15 of the file 2, both from 0"
        )
    return ExchangeId(CassetteExchange(int(found[2])), int(found[1] or 0))


def write_id(exchange: ExchangeId) -> str:
    """The text from which `read_id` reads the id."""
    return str(exchange.shown(several=exchange.file > 0))
