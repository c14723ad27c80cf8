"""The live request for a recorded one: with live tokens and cookies, and the live run's own credentials."""

from __future__ import annotations

import json
import secrets as random_source
from collections.abc import Container, Iterator
from typing import NamedTuple
from urllib.parse import quote

from msgspec.structs import replace

from cassettes.model import RecordingExchange, Request
from cassettes.redaction import Redactor
from cassettes.redaction.secret_names import STEMS
from cassettes.tokens.finder import TokenFinder
from cassettes.tokens.places import cookies
from comparison.live_run.conversation_plan import PlannedExchange
from comparison.live_run.cookie_jar import JarCookie
from comparison.live_run.credentials import Credentials
from comparison.live_run.learned_tokens import LearnedTokens
from foundation.http.headers import Headers, media_type, without
from foundation.http.urls import target
from replayer.forwarding.reverse_proxy import outgoing
from replayer.rendering.own_tokens import replaced

URL_MARKS = "%/?#[]@!$&'()*+,;=:"
"""What stays as it is in a url that a chatbot gave: reserved characters and escapes (RFC 3986, 2)."""


class LiveRequest(NamedTuple):
    """A live request, and what it lacks or has only from the recording."""

    request: Request
    notes: tuple[str, ...]


class Client(NamedTuple):
    """What the client of one live conversation has: tokens, the cookies for a url, and its own credentials.

    `secret_headers` are the names, in lower case, of those in which a recording has stand-ins.
    """

    finder: TokenFinder
    tokens: LearnedTokens
    cookies: list[JarCookie]
    credentials: Credentials
    secret_headers: Container[str]


def question(
    recorded: Request, step: PlannedExchange, client: Client, origin: str, where: str
) -> LiveRequest:
    """The request for the chatbot at `origin`; `where` is the path and query that it goes to."""
    own = {name.lower() for name, _ in client.credentials.headers}
    sent, left_out = jar_header(recorded, step, client, secure=origin.startswith("https:"))
    headers, unknown = live_headers(without(recorded.headers, "content-encoding", *own), client, sent)
    body = live_body(recorded, client)
    asked = outgoing(replace(recorded, url=origin + where, headers=headers, body=body), origin)
    asked = replace(asked, headers=(*without(asked.headers, *own), *client.credentials.headers), encoding="")
    notes = [*left_out, *unknown, *stand_ins(recorded, asked)]
    if any(value not in client.tokens for value in step.mentions):
        notes.append("the body has a token as it was recorded: the live chatbot did not issue it")
    return LiveRequest(asked, tuple(notes))


def live_target(recorded: Request, client: Client) -> str:
    """Path and query of a request, with live tokens; what a url cannot hold is escaped in them."""
    found = client.finder.replace(target(recorded.url).encode(), client.tokens.live)
    return escaped(found.decode("utf-8", "replace"))


def escaped(url: str) -> str:
    """A path and query that came from a chatbot, so that it cannot end the request line."""
    return quote(url if url.startswith("/") else f"/{url}", safe=URL_MARKS)


def jar_header(
    recorded: Request, step: PlannedExchange, client: Client, *, secure: bool
) -> tuple[str, list[str]]:
    """The value of `JarCookie`, in the recorded order and what is new behind it, and what the live client lacks.

    A cookie that the recorded client withheld is withheld. One that lost all of its cookies has no new ones either.
    A `Secure` cookie goes over plain HTTP where the recorded one did: that recording was made on a trusted way.
    """
    asked = list(dict.fromkeys(place.name for place in cookies(recorded.headers)))
    given = {name for name, _ in client.credentials.cookies}
    bare = bool(step.withheld) and not asked
    fitting = [
        cookie
        for cookie in client.cookies
        if cookie.name not in step.withheld
        and (secure or not cookie.secure or cookie.name in asked)
        and (not bare or cookie.name in given)
    ]
    order = {name: place for place, name in enumerate(asked)}
    fitting.sort(key=lambda cookie: order.get(cookie.name, len(order)))
    missing = [name for name in asked if name not in {cookie.name for cookie in fitting}]
    notes = [
        f"cookie {name} is not sent: the live chatbot has not set it; --cookie {name}=VALUE gives one"
        for name in missing
    ]
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in fitting), notes


def live_headers(headers: Headers, client: Client, jar: str) -> tuple[Headers, list[str]]:
    """The headers with live tokens and this `JarCookie`, and what is left out: stand-ins of credentials."""
    found: list[tuple[str, str]] = []
    notes = []
    for name, value in headers:
        if name.lower() == "cookie":
            if jar:
                found.append((name, jar))
            jar = ""
            continue
        live = replaced(value, client.finder, client.tokens.live)
        if live == value and name.lower() in client.secret_headers:
            notes.append(
                f"header {name} is not sent: recordings keep no secrets; --header {name}:VALUE gives one"
            )
        else:
            found.append((name, live))
    if jar:
        found.append(("Cookie", jar))
    return tuple(found), notes


def live_body(recorded: Request, client: Client) -> bytes:
    """The body with live tokens, escaped where it is JSON."""
    if media_type(recorded.headers) == "application/x-www-form-urlencoded":
        return client.finder.replace(recorded.body, client.tokens.live)
    return client.finder.replace(
        recorded.body, lambda value: json.dumps(client.tokens.live(value), ensure_ascii=False)[1:-1]
    )


def stand_ins(recorded: Request, asked: Request) -> Iterator[str]:
    """Where a request has secrets by their names that are as they were recorded, so probably no secrets any more."""
    parts = [
        ("url", target(recorded.url), target(asked.url)),
        ("body", recorded.body.decode("latin-1"), asked.body.decode("latin-1")),
    ]
    for part, before, now in parts:
        if before == now and holds_secret(before):
            yield f"the {part} has a secret as it was recorded: recordings keep stand-ins for them"


def holds_secret(text: str) -> bool:
    """Whether redaction finds a secret in a text."""
    data = text.encode("latin-1", "replace")
    lower = data.lower()
    if not any(stem in lower for stem in STEMS):
        return False
    request = Request(
        exchange=RecordingExchange(0), at=0, method="POST", url="", http="1.1", headers=(), body=data
    )
    (redacted,) = Redactor(key=random_source.token_bytes(32)).feed([request])
    return redacted != request
