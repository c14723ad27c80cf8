"""Finds tokens, the values that tell one client from another, by following values and not by name.

A token is a value that the server issued and that the client sent back later, or a cookie. What can be one:

- a value of 6 to 4096 printable ASCII characters with a digit in it and, unless it is all digits, a letter; or
  of 16 and more that is no run of plain words. So `50`, `true`, `running` or `generating_response` are none;
- no date, no version number, no url as a whole (its parts can be);
- nothing that the client sent, other than as a cookie, before it was issued: the name of a model is the
  client's own, even when every answer repeats it;
- nothing that the server gives everybody (see `cassettes/tokens/sessions.py`).

A cookie that is set anew on every response is one token with many values. For example, of

    POST /chat {"model": "gpt-4o1x"}     <- Set-Cookie: sid=a1b2c3; {"job_id": "job-77f3", "model": "gpt-4o1x"}
    GET /jobs/job-77f3, Cookie: sid=a1b2c3  <- Set-Cookie: sid=d4e5f6; {"status": "running"}

there are two tokens: `job-77f3`, issued in "body /job_id" and sent in "path 2", and the cookie `sid` with the values
`a1b2c3` and `d4e5f6`. `gpt-4o1x` is none, because the client sent it before the server did.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence

import msgspec

from cassettes import model
from cassettes.tokens.places import TokenPlace, issued, sent
from foundation.digests import Digest, digest

TOKEN = re.compile(
    r"""
    (?! \d{4}-\d\d-\d\d | \d{8}T\d )          # no date,
    (?! v? \d+ (\.\d+)+ (?![\w-]) )           # no version, address or number with a fraction,
    (?! [a-z]+:// | [/:,\]}] )                # no url, no path, and none of these first,
    (?: \d{6,20}                              # but a long number,
      | (?= .*\d ) (?= .*[A-Za-z] ) [!-~]{6,4096}
      | (?! ( [_./:,-]*+ [A-Z]?[a-z]++ )*+ \Z ) (?! ( [_./:,-]*+ [A-Z]++ )*+ \Z ) [!-~]{16,4096}
    )
    """,
    re.VERBOSE,
)


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a session: where the server issued it, where it was sent, and its values in their order.

    `issued` and `sent` read "cookie session_id", "body /job_id", "path 2".
    """

    issued: tuple[str, ...]
    sent: tuple[str, ...]
    values: tuple[str, ...]


def is_token_like(value: str) -> bool:
    """Whether a value can be a token at all."""
    return TOKEN.fullmatch(value) is not None


def can_be_token(place: TokenPlace) -> bool:
    """Whether what stands in a place can be a token; a cookie that begins with a slash is no path but Base64."""
    return is_token_like(place.value.lstrip("/") if place.kind == "cookie" else place.value)


def tokens(exchanges: Iterable[model.Exchange], public: Container[Digest] = ()) -> list[Token]:
    """The tokens of one session, from its exchanges in order; `public` has the digests of what is nobody's.

    Values that were issued in the same cookie one after the other are one token, whichever of them came back.
    """
    sent_at: dict[str, dict[str, None]] = {}  # the places in which each value was sent
    issued_at: dict[str, dict[str, None]] = {}  # the places in which each value was issued
    chains: dict[str, dict[str, None]] = {}  # the values that were issued in each place, one after the other
    for exchange in exchanges:
        for place in sent(exchange.request):
            if can_be_token(place) and digest(place.value) not in public:
                sent_at.setdefault(place.value, {})[f"{place.kind} {place.name}"] = None
        for place in issued(exchange):
            value = place.value
            own = value in sent_at and value not in issued_at and place.kind != "cookie"
            if can_be_token(place) and not own and digest(value) not in public:
                where = f"{place.kind} {pattern(place)}"
                issued_at.setdefault(value, {})[where] = None
                chains.setdefault(where, {})[value] = None
    return [
        Token(issued=places(group, issued_at), sent=places(group, sent_at), values=tuple(group))
        for group in value_groups(chains, sent_at)
    ]


def value_groups(chains: dict[str, dict[str, None]], sent_back: Container[str]) -> Iterator[list[str]]:
    """Yield the values of each token; no value belongs to two.

    All values of a cookie are one token. Elsewhere each value that a client sent back is one of its own.
    """
    grouped: set[str] = set()
    for where, values in chains.items():
        new = [value for value in values if value not in grouped]
        if where.startswith("cookie "):
            groups = [new] if new else []
        else:
            groups = [[value] for value in new if value in sent_back]
        for group in groups:
            grouped.update(group)
            yield group


def places(group: Sequence[str], where: dict[str, dict[str, None]]) -> tuple[str, ...]:
    """The places in which any of some values stood, each once and in the order of the values."""
    return tuple(dict.fromkeys(place for value in group for place in where.get(value, ())))


def pattern(place: TokenPlace) -> str:
    """The name of a place with a star for every index of a list: `/sources/3/id` becomes `/sources/*/id`."""
    return re.sub(r"/\d+(?=/|$)", "/*", place.name) if place.kind == "body" else place.name
