"""Sessions: the list of all, and one with its tokens: where each is issued, sent and missing.

The exchanges of a session are followed in their order. A cookie is missing where the server had issued it for the
path before the request began, and the request does not carry it:

    exchange                response sets       request carries     issues      sends     lacks
    0  POST /stream         session_id=4f1c                         session_id
    1  GET /jobs/1                              session_id=4f1c                 session_id
    2  GET /jobs/1                                                                        session_id
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from cassettes import model
from cassettes.tokens.discovery import Token, pattern, tokens
from cassettes.tokens.places import TokenPlace, issued, sent
from foundation.digests import Digest
from foundation.http.cookies import SetCookie, cookies_set
from foundation.http.urls import target
from foundation.time_slices import in_slices
from foundation.web.parameters import Parameters
from inspector.indexing.bounded_exchange import exchange_within
from inspector.request_errors import Missing
from inspector.views.parameters import PageParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace
from replayer.admin.operations import shortened

MOST_EXCHANGES = 1000
"""Exchanges of a session that are shown."""

MOST_TOKENS = 200
"""Tokens of a session that are shown."""

LONGEST_NAME = 200
"""Characters of a token's name that are shown."""


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session at a glance. `began` and `duration` are microseconds.

    `errors` counts error events and responses with a status of 400 and more.
    """

    id: str
    exchanges: int
    began: int
    duration: int
    jobs: int
    errors: int


class SessionTablePage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the sessions; `total` counts those of the exchanges that are indexed."""

    total: int
    sessions: list[SessionRow]


class CarriedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token in an exchange: `name` of its place, and in `where` the kind: cookie, path, query, header or body."""

    key: str
    name: str
    where: str


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a session: the exchange that issued it first, and how many `values` it had.

    `shown` is a part of its last value that is too short to be used.
    """

    key: str
    name: str
    where: str
    shown: str
    values: int
    issued_by: str | None


class SessionExchange(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange of a session with its tokens; `lacks` are the cookies that the client had and did not send."""

    row: ExchangeRow
    issues: list[CarriedToken]
    sends: list[CarriedToken]
    lacks: list[CarriedToken]


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """One session; `total` counts its exchanges, of which `exchanges` has the first ones."""

    id: str
    total: int
    exchanges: list[SessionExchange]
    tokens: list[TokenView]


async def sessions(workspace: Workspace, parameters: PageParameters) -> SessionTablePage:
    """A page of all sessions, in the order in which they began in each file."""
    everything = [(file, number) for file in workspace.files for number in range(len(file.grouping.sessions))]
    found: list[SessionRow] = []

    def read_rows() -> Iterator[None]:
        for file, number in everything[parameters.since : parameters.since + parameters.limit]:
            found.append(session_row(file, number))
            yield

    await in_slices(read_rows(), workspace.timers)
    return SessionTablePage(total=len(everything), sessions=found)


def session_row(file: FollowedCassette, session: int) -> SessionRow:
    """The row of a session."""
    rows, members = file.table, file.grouping.sessions.exchanges(session)
    began = rows.began[members[0]]
    jobs = {file.job(number) for number in members} - {None}
    return SessionRow(
        id=f"{file.number}.{session}",
        exchanges=len(members),
        began=began,
        duration=max(max(rows.began[number] + rows.duration[number] for number in members) - began, 0),
        jobs=len(jobs),
        errors=sum(rows.errors[number] + (rows.status[number] >= 400) for number in members),
    )


async def session(workspace: Workspace, _parameters: Parameters, id_: str) -> SessionView:
    """The exchanges and the tokens of a session; raises Missing, CassetteError."""
    which, _, number = id_.partition(".")
    if int(which) >= len(workspace.files) or int(number) >= len(
        workspace.files[int(which)].grouping.sessions
    ):
        raise Missing(f"there is no session {id_}, as far as the recording is looked through")
    file = workspace.files[int(which)]
    members = [one for one in file.grouping.sessions.exchanges(int(number)) if one < len(file.cassette)]
    return await asyncio.to_thread(session_view, file, id_, members, file.grouping.sessions.public)


def session_view(
    file: FollowedCassette, id_: str, members: Sequence[int], public: frozenset[Digest]
) -> SessionView:
    """The view of the session with these exchanges; `public` are the values that belong to no session."""
    exchanges = [exchange_within(file.cassette, number) for number in members[:MOST_EXCHANGES]]
    trace = TokenTrace(file, tokens(exchanges, public)[:MOST_TOKENS])
    return SessionView(
        id=id_,
        total=len(members),
        exchanges=[trace.follow(exchange) for exchange in exchanges],
        tokens=trace.views(),
    )


class ClientCookie(NamedTuple):
    """A cookie that the client has: since when, in microseconds of the recording, and for which path."""

    token: CarriedToken
    since: int
    path: str


class TokenTrace:
    """Follows the tokens of a session through its exchanges, in their order."""

    def __init__(self, file: FollowedCassette, found: Sequence[Token]) -> None:
        self._file = file
        self._found = found
        self._keys = {value: f"t{key}" for key, token in enumerate(found) for value in token.values}
        self._issued_by: dict[str, str] = {}
        self._client_cookies: dict[str, ClientCookie] = {}

    def follow(self, exchange: model.Exchange) -> SessionExchange:
        """The next exchange, with the tokens that it issues, sends and lacks."""
        sends = list(self._places(sent(exchange.request)))
        issues = list(self._places(issued(exchange)))
        lacks = list(self._lacks(exchange.request, sends))
        id_ = f"{self._file.number}.{exchange.number}"
        for place in issues:
            self._issued_by.setdefault(place.key, id_)
        self._keep_cookies(exchange, issues)
        row = row_of(self._file, exchange.number)
        return SessionExchange(row=row, issues=issues, sends=sends, lacks=lacks)

    def views(self) -> list[TokenView]:
        """All tokens, once the exchanges were followed."""
        return [self._view(f"t{number}", token) for number, token in enumerate(self._found)]

    def _view(self, key: str, token: Token) -> TokenView:
        where, _, name = (*token.issued, *token.sent)[0].partition(" ")
        return TokenView(
            key=key,
            name=name[:LONGEST_NAME],
            where=where,
            shown=shortened(token.values[-1]),
            values=len(token.values),
            issued_by=self._issued_by.get(key),
        )

    def _places(self, places: Iterator[TokenPlace]) -> Iterator[CarriedToken]:
        """The tokens at the places, each place once."""
        known: set[CarriedToken] = set()
        for place in places:
            key = self._keys.get(place.value)
            if key is not None:
                found = CarriedToken(key=key, name=pattern(place)[:LONGEST_NAME], where=place.kind)
                if found not in known:
                    known.add(found)
                    yield found

    def _lacks(self, request: model.Request, sends: Sequence[CarriedToken]) -> Iterator[CarriedToken]:
        """The cookies that the client had for the path of the request when it began, and that it did not send."""
        names = {place.name for place in sends if place.where == "cookie"}
        path = target(request.url)
        for name, cookie in self._client_cookies.items():
            if name not in names and cookie.since <= request.at and path.startswith(cookie.path):
                yield cookie.token

    def _keep_cookies(self, exchange: model.Exchange, issues: Sequence[CarriedToken]) -> None:
        """Keep the cookies that a response sets, from its head on."""
        if exchange.response is None:
            return
        paths = {cookie.name: path_of(cookie) for cookie in cookies_set(exchange.response.headers)}
        for place in issues:
            if place.where == "cookie":
                cookie = ClientCookie(place, exchange.response.at, paths.get(place.name, "/"))
                self._client_cookies.setdefault(place.name, cookie)


def path_of(cookie: SetCookie) -> str:
    """The path that a cookie is for; all paths where it names none (RFC 6265, 5.2.4, takes the request's folder)."""
    path = cookie.attribute_values().get("path", "")
    return path if path.startswith("/") else "/"
