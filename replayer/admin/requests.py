"""The parameters of the admin listener's operations, as structs."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from foundation.http.urls import path_and_query
from foundation.web.parameters import Parameters
from replayer.journal import JournalEntry, Why

type Number = Annotated[int, Meta(ge=0, le=2**53)]


class InvalidRequest(Exception):
    """A body fits its description but its values are invalid; the message is for a person."""


class Page(Parameters, frozen=True, kw_only=True):
    """The query of an operation whose response has pages."""

    since: Annotated[Number, Meta(description="The first number that is answered.")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000, description="How many are answered at most.")] = 1000


class EntriesParameters(Page, frozen=True, kw_only=True):
    """Which entries of the journal are wanted."""

    method: Annotated[str, Meta(description="The request's method.")] | UnsetType = UNSET
    path: (
        Annotated[str, Meta(description="The request's path; with `*` at the end, how it begins.")]
        | UnsetType
    ) = UNSET

    def fits(self, entry: JournalEntry) -> bool:
        """Return whether an entry is wanted."""
        return (
            entry.number >= self.since
            and self.method in {UNSET, entry.method}
            and (self.path is UNSET or has_path(entry.target, self.path))
        )


class MissesParameters(EntriesParameters, frozen=True, kw_only=True):
    """Which misses are wanted: requests that matched nothing, whether they got 501 or were forwarded."""

    def fits(self, entry: JournalEntry) -> bool:
        """Return whether an entry is wanted."""
        return entry.exchange is None and super().fits(entry)


class JournalParameters(EntriesParameters, frozen=True, kw_only=True):
    """Which entries of the journal are wanted, by their session and reason, too."""

    session: Annotated[Number, Meta(description="The live session's number.")] | UnsetType = UNSET
    why: Annotated[Why, Meta(description="What became of the request.")] | UnsetType = UNSET

    def fits(self, entry: JournalEntry) -> bool:
        """Return whether an entry is wanted."""
        return (
            self.session in {UNSET, entry.session} and self.why in {UNSET, entry.why} and super().fits(entry)
        )


class ExchangesParameters(Page, frozen=True, kw_only=True):
    """Which recorded exchanges are wanted; the limit is lower because each is read from the disk."""

    limit: Annotated[int, Meta(ge=1, le=100, description="How many are answered at most.")] = 100
    played: (
        Annotated[bool, Meta(description="Only those that were played, or only those that were not.")]
        | UnsetType
    ) = UNSET


def has_path(target: str, pattern: str) -> bool:
    """Return whether the path of a target is `pattern`, or begins with it when it ends with `*`."""
    path, _ = path_and_query(target)
    return path == pattern or (pattern.endswith("*") and path.startswith(pattern[:-1]))
