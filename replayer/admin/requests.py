"""What can be asked of the admin listener: the parameters of each query, as data."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from foundation.http.urls import path_and_query
from foundation.web.parameters import Parameters
from replayer.journal import JournalEntry, Why

type Number = Annotated[int, Meta(ge=0, le=2**53)]


class InvalidRequest(Exception):
    """What is asked for is as described, and yet cannot be; the message is for a person to read."""


class Page(Parameters, frozen=True, kw_only=True):
    """One that is answered in parts."""

    since: Annotated[Number, Meta(description="The first number that is answered.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many are answered at most.")] = 1000


class EntriesParameters(Page, frozen=True, kw_only=True):
    """Which entries of the journal."""

    method: Annotated[str, Meta(description="The request's method.")] | UnsetType = UNSET
    path: (
        Annotated[str, Meta(description="The request's path; with `*` at the end, how it begins.")]
        | UnsetType
    ) = UNSET

    def fits(self, entry: JournalEntry) -> bool:
        """Whether an entry is one of those that are asked for."""
        return (
            entry.number >= self.since
            and self.method in {UNSET, entry.method}
            and (self.path is UNSET or is_path(entry.target, self.path))
        )


class MissesParameters(EntriesParameters, frozen=True, kw_only=True):
    """Which entries of requests that matched nothing, answered with 501 or forwarded."""

    def fits(self, entry: JournalEntry) -> bool:
        """Whether an entry is one of those that are asked for."""
        return entry.exchange is None and super().fits(entry)


class JournalParameters(EntriesParameters, frozen=True, kw_only=True):
    """Which entries, of all."""

    session: Annotated[Number, Meta(description="The live session's number.")] | UnsetType = UNSET
    why: Annotated[Why, Meta(description="What became of the request.")] | UnsetType = UNSET

    def fits(self, entry: JournalEntry) -> bool:
        """Whether an entry is one of those that are asked for."""
        return (
            self.session in {UNSET, entry.session} and self.why in {UNSET, entry.why} and super().fits(entry)
        )


class ExchangesParameters(Page, frozen=True, kw_only=True):
    """Which recorded exchanges; each is read from the disk, hence fewer at a time."""

    limit: Annotated[int, Meta(ge=1, le=100, description="How many are answered at most.")] = 100
    played: (
        Annotated[bool, Meta(description="Only those that were played, or only those that were not.")]
        | UnsetType
    ) = UNSET


def is_path(target: str, asked: str) -> bool:
    """Whether the path of a target is the one that is asked for, or begins so."""
    path, _ = path_and_query(target)
    return path == asked or (asked.endswith("*") and path.startswith(asked[:-1]))
