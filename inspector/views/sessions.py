"""Sessions: all of them in a list, and one with its tokens, where each is issued, sent and missing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import msgspec

from cassettes import model
from cassettes.tokens.discovery import Token, pattern, tokens
from cassettes.tokens.places import TokenPlace, issued, sent
from foundation.digests import Digest
from foundation.http.cookies import SetCookie, cookies_set
from foundation.http.urls import target
from foundation.time_slices import in_slices
from inspector.request_errors import Missing
from inspector.views.parameters import PageParameters
from inspector.views.row import ExchangeRow, row_of
from inspector.workspace.bounded_exchange import exchange_within
from inspector.workspace.followed_cassette import FollowedCassette
from inspector.workspace.workspace import Workspace
from replayer.admin.operations import shortened

MOST_EXCHANGES = 1000
"""Of a session that are told."""

MOST_TOKENS = 200
"""Of a session that are told."""

LONGEST_NAME = 200


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session at a glance: times are microseconds, `errors` counts error events and statuses from 400 on."""

    id: str
    exchanges: int
    began: int
    duration: int
    jobs: int
    errors: int


class SessionTablePage(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the sessions; `total` are those that are known by now."""

    total: int
    sessions: list[SessionRow]


class CarriedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token in an exchange: the name of its place there, which is a cookie, a path, a query, a header or a body."""

    key: str
    name: str
    where: str


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a session: where it is issued first, and how often anew. `shown` is too short to be used."""

    key: str
    name: str
    where: str
    shown: str
    values: int
    issued_by: str | None


class SessionExchange(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange of a session; `lacks` are the cookies that were given to the client and that it did not send."""

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


async def sessions(workspace: Workspace, asked: PageParameters) -> SessionTablePage:
    """List the sessions."""
    everything = [(file, number) for file in workspace.files for number in range(len(file.ties.sessions))]
    found: list[SessionRow] = []

    def look() -> Iterator[None]:
        for file, number in everything[asked.since : asked.since + asked.limit]:
            found.append(session_row(file, number))
            yield

    await in_slices(look(), workspace.timers)
    return SessionTablePage(total=len(everything), sessions=found)


def session_row(file: FollowedCassette, session: int) -> SessionRow:
    """What is told of a session in the list."""
    rows, members = file.table, file.ties.sessions.exchanges(session)
    began = rows.began[members[0]]
    heads = {file.job(number) for number in members} - {None}
    return SessionRow(
        id=f"{file.number}.{session}",
        exchanges=len(members),
        began=began,
        duration=max(max(rows.began[number] + rows.duration[number] for number in members) - began, 0),
        jobs=len(heads),
        errors=sum(rows.errors[number] + (rows.status[number] >= 400) for number in members),
    )


async def session(workspace: Workspace, _asked: object, id_: str) -> SessionView:
    """Tell the exchanges and the tokens of a session."""
    which, _, number = id_.partition(".")
    if int(which) >= len(workspace.files) or int(number) >= len(workspace.files[int(which)].ties.sessions):
        raise Missing(f"there is no session {id_}, as far as the recording is looked through")
    file = workspace.files[int(which)]
    members = [one for one in file.ties.sessions.exchanges(int(number)) if one < len(file.cassette)]
    return await asyncio.to_thread(told, file, id_, members, file.ties.sessions.public)


def told(file: FollowedCassette, id_: str, members: Sequence[int], public: frozenset[Digest]) -> SessionView:
    """What is told of a session."""
    exchanges = [exchange_within(file.cassette, number) for number in members[:MOST_EXCHANGES]]
    trace = Trace(file, tokens(exchanges, public)[:MOST_TOKENS])
    return SessionView(
        id=id_,
        total=len(members),
        exchanges=[trace.follow(exchange) for exchange in exchanges],
        tokens=trace.views(),
    )


class Trace:
    """Follows the tokens of a session through its exchanges, in their order."""

    def __init__(self, file: FollowedCassette, found: Sequence[Token]) -> None:
        self._file = file
        self._found = found
        self._keys = {value: f"t{key}" for key, token in enumerate(found) for value in token.values}
        self._issued_by: dict[str, str] = {}
        self._given: dict[
            str, tuple[CarriedToken, int, str]
        ] = {}  # cookies by name: since when, for which path

    def follow(self, exchange: model.Exchange) -> SessionExchange:
        """The next exchange."""
        sends = list(self._places(sent(exchange.request)))
        issues = list(self._places(issued(exchange)))
        lacks = list(self._lacks(exchange.request, sends))
        id_ = f"{self._file.number}.{exchange.number}"
        for place in issues:
            self._issued_by.setdefault(place.key, id_)
        self._keep(exchange, issues)
        row = row_of(self._file, exchange.number)
        return SessionExchange(row=row, issues=issues, sends=sends, lacks=lacks)

    def views(self) -> list[TokenView]:
        """The tokens."""
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
        """The places with tokens, each once."""
        known: set[CarriedToken] = set()
        for place in places:
            key = self._keys.get(place.value)
            if key is not None:
                found = CarriedToken(key=key, name=pattern(place)[:LONGEST_NAME], where=place.kind)
                if found not in known:
                    known.add(found)
                    yield found

    def _lacks(self, request: model.Request, sends: Sequence[CarriedToken]) -> Iterator[CarriedToken]:
        """The cookies that the client was given for such a path before it asked, and that it did not send."""
        names = {place.name for place in sends if place.where == "cookie"}
        asked = target(request.url)
        for name, (place, since, path) in self._given.items():
            if name not in names and since <= request.at and asked.startswith(path):
                yield place

    def _keep(self, exchange: model.Exchange, issues: Sequence[CarriedToken]) -> None:
        """Take note of the cookies that an answer gives."""
        if exchange.response is None:
            return
        paths = {cookie.name: path_of(cookie) for cookie in cookies_set(exchange.response.headers)}
        for place in issues:
            if place.where == "cookie":
                since = exchange.response.at
                self._given.setdefault(place.name, (place, since, paths.get(place.name, "/")))


def path_of(cookie: SetCookie) -> str:
    """The path that a cookie is for; without one of its own, all of the server (RFC 6265, 5.2.4)."""
    path = cookie.attribute_values().get("path", "")
    return path if path.startswith("/") else "/"
