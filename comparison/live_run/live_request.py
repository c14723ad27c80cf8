"""Makes the live request for a recorded one: with live tokens and cookies, and the live run's own credentials."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from typing import NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from cassettes.model import Request
from cassettes.redaction.key_finder import Kind
from cassettes.redaction.secret_headers import holds_secret
from cassettes.redaction.secret_masks import masked
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.places import cookies
from comparison.live_run.conversation_plan import PlannedExchange
from comparison.live_run.cookie_jar import JarCookie
from comparison.live_run.credentials import Credentials
from comparison.live_run.learned_tokens import LearnedTokens
from foundation.http.headers import Headers, media_type, without
from foundation.http.urls import target
from replayer.forwarding.reverse_proxy import upstream_request
from replayer.rendering.own_tokens import replaced

URL_MARKS = "%/?#[]@!$&'()*+,;=:"
"""Characters that are not escaped in a url from a chatbot: reserved ones, and "%" of escapes (RFC 3986, 2)."""


class LiveRequest(NamedTuple):
    """A live request; `notes` say what it lacks, or has from the recording although it may mean nothing live."""

    request: Request
    notes: tuple[str, ...]


class LiveClient(NamedTuple):
    """What the client of one live session has: tokens, the cookies for a url, and the live run's credentials.

    `finder` finds the recorded tokens in a text, `tokens` has their live values. `secret_headers` are the names, in
    lower case, of the headers whose values are stand-ins in a recording because a rule asked for it.
    """

    finder: TokenFinder
    tokens: LearnedTokens
    cookies: list[JarCookie]
    credentials: Credentials
    secret_headers: Container[str]


def live_request(
    recorded: Request, step: PlannedExchange, client: LiveClient, origin: str, path: str
) -> LiveRequest:
    """Returns the live request for a recorded one to the chatbot at `origin`; `path` has the query, too."""
    given = {name.lower() for name, _ in client.credentials.headers}
    cookie, missing_cookies = cookie_header(recorded, step, client, secure=origin.startswith("https:"))
    headers, missing_headers = live_headers(
        without(recorded.headers, "content-encoding", *given), client, cookie
    )
    body = live_body(recorded, client)
    live = upstream_request(replace(recorded, url=origin + path, headers=headers, body=body), origin)
    live = replace(live, headers=(*without(live.headers, *given), *client.credentials.headers), encoding="")
    notes = [*missing_cookies, *missing_headers, *stand_in_notes(recorded, live)]
    if any(value not in client.tokens for value in step.mentions):
        notes.append("the body has a token as it was recorded: the live chatbot did not issue it")
    return LiveRequest(live, tuple(notes))


def live_target(recorded: Request, client: LiveClient) -> str:
    """Returns the path and query of a request with live tokens; what a url cannot contain is escaped."""
    found = client.finder.replace(target(recorded.url).encode(), client.tokens.live)
    return escaped(found.decode("utf-8", "replace"))


def escaped(url: str) -> str:
    """Returns a path and query that a chatbot gave, escaped so that it cannot end the request line."""
    return quote(url if url.startswith("/") else f"/{url}", safe=URL_MARKS)


def cookie_header(
    recorded: Request, step: PlannedExchange, client: LiveClient, *, secure: bool
) -> tuple[str, list[str]]:
    """Returns the value of the live `Cookie` header, and a note for each recorded cookie that it lacks.

    Cookies are in the recorded order, new ones at the end. A cookie that the recorded client had and did not send is
    not sent; a client that had lost all of its cookies sends only those of the credentials. A `Secure` cookie is sent
    over plain HTTP if the recorded client did so, which it does only where it trusts the way.

        recorded  Cookie: lang=de; sid=sess-1
        live jar  sid=sess-9, theme=dark           Cookie: sid=sess-9; theme=dark, and a note on lang
    """
    sent = list(dict.fromkeys(place.name for place in cookies(recorded.headers)))
    given = {name for name, _ in client.credentials.cookies}
    lost_all = bool(step.withheld) and not sent
    live = [
        cookie
        for cookie in client.cookies
        if cookie.name not in step.withheld
        and (secure or not cookie.secure or cookie.name in sent)
        and (not lost_all or cookie.name in given)
    ]
    order = {name: place for place, name in enumerate(sent)}
    live.sort(key=lambda cookie: order.get(cookie.name, len(order)))
    missing = [name for name in sent if name not in {cookie.name for cookie in live}]
    notes = [
        f"cookie {name} is not sent: the live chatbot has not set it; --cookie {name}=VALUE gives one"
        for name in missing
    ]
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in live), notes


def live_headers(headers: Headers, client: LiveClient, cookie: str) -> tuple[Headers, list[str]]:
    """Returns the headers with live tokens and this `Cookie`, and a note for each that is left out.

    Headers of credentials are left out, because a recording has only stand-ins for their values.
    """
    found: list[tuple[str, str]] = []
    notes = []
    for name, value in headers:
        if name.lower() == "cookie":
            if cookie:
                found.append((name, cookie))
            cookie = ""
            continue
        live = replaced(value, client.finder, client.tokens.live)
        if live == value and (name.lower() in client.secret_headers or holds_secret(name)):
            notes.append(
                f"header {name} is not sent: recordings keep no secrets; --header {name}:VALUE gives one"
            )
        else:
            found.append((name, live))
    if cookie:
        found.append(("Cookie", cookie))
    return tuple(found), notes


def live_body(recorded: Request, client: LiveClient) -> bytes:
    """Returns the body with live tokens, which are escaped as JSON does unless it is a form."""
    if media_type(recorded.headers) == "application/x-www-form-urlencoded":
        return client.finder.replace(recorded.body, client.tokens.live)
    return client.finder.replace(
        recorded.body, lambda value: json.dumps(client.tokens.live(value), ensure_ascii=False)[1:-1]
    )


def stand_in_notes(recorded: Request, live: Request) -> Iterator[str]:
    """Yields a note for url and body when they have a secret, by its name or shape, that is as recorded: a stand-in."""
    form = media_type(recorded.headers) == "application/x-www-form-urlencoded"
    if target(recorded.url) == target(live.url) and has_secret(target(live.url).encode(), "url"):
        yield note_on("url")
    if recorded.body == live.body and has_secret(live.body, "form" if form else "text"):
        yield note_on("body")


def has_secret(text: bytes, kind: Kind) -> bool:
    """Tells whether redaction finds a secret in a text, which is known by its name or its shape."""
    return masked(text, kind) != text


def note_on(part: str) -> str:
    """Returns a note on a part of a request that has a stand-in."""
    return f"the {part} has a secret as it was recorded: recordings keep stand-ins for them"
