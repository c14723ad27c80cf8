"""The parameters of the views, as they stand in the query."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from foundation.web.parameters import Parameters
from replayer.admin.requests import Number

LONGEST_FILTER = 1000
"""Characters of a filter, at most."""

type Sort = Literal[
    "began", "-began", "began_at", "-began_at", "host", "-host",
    "duration", "-duration", "events", "-events", "bytes", "-bytes", "status", "-status",
    "first_event", "-first_event", "chunks", "-chunks", "errors", "-errors", "method", "-method", "target", "-target",
    "session", "-session", "how", "-how", "kind", "-kind",
]  # fmt: skip


class TableParameters(Parameters, frozen=True, kw_only=True):
    """The filter, the order and the page of the table."""

    filter: Annotated[str, Meta(max_length=LONGEST_FILTER)] = ""
    sort: Sort = "began"
    since: Number = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 200


class PageParameters(Parameters, frozen=True, kw_only=True):
    """The page of a list."""

    since: Number = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 500


class BodyParameters(Parameters, frozen=True, kw_only=True):
    """Whose body it is."""

    side: Literal["request", "response"] = "response"


class DiffParameters(Parameters, frozen=True, kw_only=True):
    """The ids of two exchanges."""

    left: Annotated[str, Meta(pattern=r"^\d{1,6}\.\d{1,9}$")]
    right: Annotated[str, Meta(pattern=r"^\d{1,6}\.\d{1,9}$")]
