"""`rotate-cookie`: each answer gives the client another value for its cookies, as load balancers do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from cassettes.model import Request
from foundation.http.cookies import SetCookie, cookies_sent, parse_pair, parse_set_cookie
from foundation.http.headers import Headers, without
from replayer.faults.context import FaultContext
from replayer.faults.editing.response_headers import edit_headers
from replayer.faults.fault import Fault, Transform
from replayer.faults.parameter_types import Name
from replayer.selection.token_minting import mint

ATTEMPTS = 100
"""Values that are minted until one is new; a cookie that is too short for a new value keeps its own."""

UNKNOWN_ATTRIBUTES = "; Path=/"
"""The attributes given to a cookie that the client brought along, since those it was set with are not known."""


@dataclass(frozen=True, kw_only=True)
class RotateCookie(Fault):
    """Give cookies a new value with every answer, and know the newest only.

    A request with a value that was replaced loses all its cookies, also when it was on its way meanwhile.
    Faults that follow in a plan must let the cookies pass, or the clients lose them.
    """

    called = "rotate-cookie"
    example = "rotate-cookie name=session_id"

    name: Annotated[Name | None, "only the cookie of this name; else all that are set or sent"] = None

    def original_request(self, request: Request, memory: Any) -> Request:
        """Return the request with the server's own cookies in the place of the newest values.

        The fault's memory has, for each pair that a client can send, the server's cookie, or None for an old value.
        With `id=new` minted for the server's `id=abc`, after `id=old`, the memory is {id=old: None, id=new: id=abc}:

            Cookie: id=new; theme=dark      Cookie: id=abc; theme=dark
            Cookie: id=old; theme=dark      no cookies at all
        """
        sent = [cookie for cookie in sent_by(request) if cookie.pair in memory]
        if not sent:
            return request
        known = {cookie.name for cookie in sent if memory[cookie.pair]}
        headers = without(request.headers, "cookie")
        if all(cookie.name in known for cookie in sent):
            headers = tuple(
                (name, translated(value, memory) if name.lower() == "cookie" else value)
                for name, value in request.headers
            )
        return msgspec.structs.replace(request, headers=headers)

    def begin(self, context: FaultContext) -> Transform:
        """Set the new values in the headers of the response."""
        return edit_headers(lambda headers: tuple(self._rotated(headers, context)))

    def _rotated(self, headers: Headers, context: FaultContext) -> Iterator[tuple[str, str]]:
        sent = [cookie for cookie in sent_by(context.request) if self._concerns(cookie)]
        given = [cookie for header in headers if (cookie := set_by(*header)) and self._concerns(cookie)]
        names, pairs = {cookie.name for cookie in given}, {cookie.pair for cookie in given}
        originals = [context.memory.get(cookie.pair, cookie) for cookie in sent if cookie.name not in names]
        new = {
            cookie: value
            for cookie in [*given, *filter(None, originals)]
            if (value := fresh(cookie, context))
        }
        renewed = {cookie.name for cookie in new}
        for cookie in sent:
            # One that the server has just set again is as good as new.
            if cookie.name in renewed and cookie.pair not in pairs:
                context.memory[cookie.pair] = None
        for name, line in headers:
            found = set_by(name, line)
            yield name, new[found].text if found in new else line
        yield from (("Set-Cookie", value.text) for value in new.values() if value.name not in names)

    def _concerns(self, cookie: SetCookie) -> bool:
        return self.name in {None, cookie.name}


def fresh(cookie: SetCookie, context: FaultContext) -> SetCookie | None:
    """Return a cookie with a new value of the same shape, and remember the original; None if none is new."""
    seed = context.random.getrandbits(64)
    taken = {cookie.pair, *(sent.pair for sent in sent_by(context.request))}
    for attempt in range(ATTEMPTS):
        value = mint(cookie.value, seed=seed, session=context.session or 0, attempt=attempt)
        new = cookie._replace(value=value)
        if new.pair not in taken and new.pair not in context.memory:
            context.memory[new.pair] = cookie
            return new
    return None


def sent_by(request: Request) -> list[SetCookie]:
    """Return the cookies that a request carries."""
    return [SetCookie(*cookie, UNKNOWN_ATTRIBUTES) for cookie in cookies_sent(request.headers)]


def set_by(name: str, value: str) -> SetCookie | None:
    """Return the cookie that a header sets, None for other headers."""
    return parse_set_cookie(value) if name.lower() == "set-cookie" else None


def translated(header: str, memory: Any) -> str:
    """Return a `Cookie` header with the server's own cookies for the newest values, without the old values."""
    kept = []
    for pair in header.split(";"):
        sent = parse_pair(pair)
        if sent is None or sent.pair not in memory:
            kept.append(pair.strip())
        elif (cookie := memory[sent.pair]) is not None:
            kept.append(cookie.pair)
    return "; ".join(kept)
