"""Tokens: the values that tell one client from another, found by following values, not by name.

A token is a value that the server issued and that the client sent back later, or a cookie. What can be one:

- a value of 6 to 4096 printable ASCII characters with a digit in it and, unless it is all digits, a letter; or
  of 16 and more that is no run of plain words. So `50`, `true`, `running` or `generating_response` are none;
- no date, no version number, no url as a whole (its parts can be);
- nothing that the client sent, other than as a cookie, before it was issued: the name of a model is the
  client's own, even when every answer repeats it;
- nothing that the server gives everybody (see `cassettes/sessions.py`).

A cookie that is set anew on every response is one token with many values.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

import msgspec

from cassettes import model
from cassettes.tokens.places import TokenPlace, issued, sent

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


def tokens(exchanges: Sequence[model.Exchange], public: Container[int] = ()) -> list[Token]:
    """The tokens of one session, from its exchanges in order; `public` has the hashes of what is nobody's.

    Values that were issued in the same cookie one after the other are one token, whichever of them came back.
    """
    back: dict[str, dict[str, None]] = {}  # each value that was sent, and where
    given: dict[str, dict[str, None]] = {}  # each value that was issued, and where
    chains: dict[str, dict[str, None]] = {}  # the values of each place
    for exchange in exchanges:
        for place in sent(exchange.request):
            if can_be_token(place) and hash(place.value) not in public:
                back.setdefault(place.value, {})[f"{place.kind} {place.name}"] = None
        for place in issued(exchange):
            value = place.value
            own = value in back and value not in given and place.kind != "cookie"
            if can_be_token(place) and not own and hash(value) not in public:
                where = f"{place.kind} {pattern(place)}"
                given.setdefault(value, {})[where] = None
                chains.setdefault(where, {})[value] = None
    return [
        Token(issued=places(group, given), sent=places(group, back), values=tuple(group))
        for group in groups(chains, back)
    ]


def groups(chains: dict[str, dict[str, None]], back: Container[str]) -> Iterator[list[str]]:
    """The values of each token, all different."""
    told: set[str] = set()
    for where, values in chains.items():
        new = [value for value in values if value not in told]
        each = [[value] for value in new if value in back]
        for group in [new] * bool(new) if where.startswith("cookie ") else each:
            told.update(group)
            yield group


def places(group: Sequence[str], where: dict[str, dict[str, None]]) -> tuple[str, ...]:
    """All places of some values, each once."""
    return tuple(dict.fromkeys(place for value in group for place in where.get(value, ())))


def pattern(place: TokenPlace) -> str:
    """The name of a place, positions in lists left open: /sources/3/id is one of /sources/*/id."""
    return re.sub(r"/\d+(?=/|$)", "/*", place.name) if place.kind == "body" else place.name
