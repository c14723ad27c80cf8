"""Reads the secret values that stand behind a secret name, leaf by leaf, from a text that may still grow.

A reader is given the text and a place in it, and gives the leaves that are complete, the place that it reached and
whether the value ends there. What lies behind the place that it reached is held back until more is known. A leaf
longer than `LONGEST_LEAF` is taken in pieces of that length, so that no value, however long, is held whole. Which of
the leaves are secrets is decided elsewhere (`key_finder`).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

import regex

LONGEST_LEAF = 1 << 16
"""Bytes of one value that are held back at most."""

DEEPEST = 1000
"""Nesting at which an array or object is left: no JSON parser follows so far."""

SPACE = re.compile(rb"(?:[ \t\r\n,]|(?<=[\r\n])data:)*")
QUOTE = re.compile(rb"(\\*)([\"'])")
CLOSING = re.compile(rb"[\"'\r\n]")
NUMBER_END = re.compile(rb"[^\d.eE+-]")
WORD_END = re.compile(rb"[\s{}\[\],:\"'\\]")
SCHEME = re.compile(
    rb"(?i)(?:bearer|basic|digest|negotiate|ntlm|hawk|token|apikey|aws4-hmac-sha256)(?:[ +]|%20)+(?=.)"
)
# Ends a sentence or a link in prose, not a secret.
TRAILING = b".,;:!?)]}*"

SCHEMA = regex.compile(
    rb"\{\s*\\*[\"'](?:"
    rb"type\\*[\"']\s*:\s*(?:\[|\\*[\"'](?:string|number|integer|boolean|array|object|null)\\*[\"'])"
    rb"|(?:description|title|\$ref|anyOf|oneOf|allOf|enum|const|default|format|minLength|maxLength|pattern|nullable"
    rb"|examples?|items|properties|required|readOnly|writeOnly|deprecated)\\*[\"']\s*:)"
)
"""How an object begins that describes a value (JSON Schema), instead of being one."""

FORM_END = re.compile(rb"[&\r\n]")
TEXT_END = re.compile(rb"[&\s\"'<>#`]|\\(?=[^/\\])")
ESCAPED_END = re.compile(rb"%26|%23|[&\s\"'<>#`]|\\(?=[^/\\])")
PART_END = re.compile(rb"\r?\n--")
LONGEST_USERINFO = 4096
USERINFO = re.compile(rb"[^\s/?#@\"'<>\\]{0,4096}")


class Leaf(NamedTuple):
    """Bytes `start` to `end` of a text are a value, or a piece of one; `number` says that it is a JSON number.

    `schema` says that it stands in what describes a value (JSON Schema), `user` that it is the user beside a password,
    `cut` that the text ends within it.
    """

    start: int
    end: int
    number: bool = False
    schema: bool = False
    user: bool = False
    cut: bool = False


class ReadResult(NamedTuple):
    """The leaves that were completed, the place that was reached, and whether the value ends there."""

    leaves: list[Leaf]
    place: int
    done: bool


class ValueReader(Protocol):
    """Reads one value."""

    def read(self, text: bytes, place: int, *, final: bool) -> ReadResult:
        """Go on from a place in the text; `final` says that nothing will follow it."""


class PatternValue:
    """A value that ends where a pattern says, as in a form: `password=...&`."""

    def __init__(self, end: re.Pattern[bytes]) -> None:
        self._end = end

    def read(self, text: bytes, place: int, *, final: bool) -> ReadResult:
        """Take all up to the end of the value."""
        ending = self._end.search(text, place)
        stop = ending.start() if ending else len(text)
        leaves, place = _pieces(place, stop)
        if ending is None and not final:
            return ReadResult(leaves, place, done=False)
        punctuation = b"" if self._end is FORM_END else TRAILING
        last = place + len(text[place:stop].rstrip(punctuation))
        leaves += _leaf(text, place, last)
        return ReadResult(leaves, stop, done=True)


class Userinfo:
    """What stands before the `@` of a url: a user, or a user and a password (RFC 3986, 3.2.1)."""

    def read(self, text: bytes, place: int, *, final: bool) -> ReadResult:
        """Take both."""
        found = USERINFO.match(text, place)
        stop = found.end() if found else place
        if stop == len(text) and not final and stop - place < LONGEST_USERINFO:
            return ReadResult([], place, done=False)
        if text[stop : stop + 1] != b"@":
            return ReadResult([], place, done=True)
        colon = text.find(b":", place, stop)
        if colon < 0:
            return ReadResult([Leaf(place, stop)], stop, done=True)
        return ReadResult([Leaf(place, colon, user=True), Leaf(colon + 1, stop)], stop, done=True)


class Json:
    r"""A JSON value: a string, a number, or all strings and numbers in an array or object; `true` and `null` stay.

    It may itself stand in a JSON string, at any depth (`\"token\": \"...\"`): the backslashes before the opening
    quote tell the depth, and thereby which quote closes the string. A line end in a string ends a value that was
    cut. Single quotes are read too, as Python prints them.
    """

    def __init__(self) -> None:
        self._done = False
        self._wanted = True  # whether a string or number here would be a value, and not a key
        self._stack: list[bytes] = []
        self._schema = False
        self._quote: tuple[int, bytes] | None = None  # of the string that is being read: backslashes and mark

    def read(self, text: bytes, place: int, *, final: bool) -> ReadResult:
        """Take the leaves up to the end of the value."""
        leaves: list[Leaf] = []
        while not self._done:
            if self._quote is None:
                place = _end(SPACE, text, place)
            reached = self._token(text, place, leaves, final=final)
            if reached is None:
                return ReadResult(leaves, place, done=final)
            place = reached
        return ReadResult(leaves, place, done=True)

    def _token(self, text: bytes, place: int, leaves: list[Leaf], *, final: bool) -> int | None:
        """Read one token and give the place behind it; None when the text ends before it does."""
        if self._quote is not None:
            return self._string(text, place, leaves, final=final)
        mark = text[place : place + 1]
        if not mark:
            return None
        if mark == b"{" and not self._stack:
            found = SCHEMA.match(text, place, partial=not final)
            if found and found.partial:
                return None
            self._schema = found is not None
        if mark in (b"{", b"["):
            return self._enter(mark, place)
        if mark in (b"}", b"]"):
            return self._leave(place)
        if mark == b":":
            self._wanted = True
            return place + 1
        if mark in b"\\\"'":
            return self._open_string(text, place)
        if mark in b"-0123456789":
            return self._number(text, place, leaves, final=final)
        return self._literal(text, place, final=final)

    def _enter(self, mark: bytes, place: int) -> int:
        self._stack.append(mark)
        self._wanted = mark == b"["
        self._done = len(self._stack) > DEEPEST
        return place + 1

    def _leave(self, place: int) -> int:
        if not self._stack:
            self._done = True
            return place
        self._stack.pop()
        self._after_value()
        return place + 1

    def _after_value(self) -> None:
        self._done = self._done or not self._stack
        self._wanted = self._stack[-1:] == [b"["]

    def _open_string(self, text: bytes, place: int) -> int | None:
        opening = QUOTE.match(text, place)
        if opening is not None:
            self._quote = len(opening[1]), opening[2]
            return opening.end()
        if not text[place:].strip(b"\\"):
            return None
        self._done = True
        return place

    def _string(self, text: bytes, place: int, leaves: list[Leaf], *, final: bool) -> int | None:
        closing = self._closing(text, place, final=final)
        found, rest = _pieces(place, closing[0] if closing else len(text), schema=self._schema)
        leaves += found if self._wanted else []
        if closing is None:
            return rest if rest > place else None
        stop, reached = closing
        if self._wanted:
            cut = stop == reached == len(text)
            leaves += [leaf._replace(cut=cut) for leaf in _leaf(text, rest, stop, schema=self._schema)]
            self._after_value()
        self._quote = None
        return reached

    def _closing(self, text: bytes, place: int, *, final: bool) -> tuple[int, int] | None:
        """Where the string that is being read ends, and where the text goes on behind its quote."""
        assert self._quote is not None
        depth, mark = self._quote
        for found in CLOSING.finditer(text, place):
            at = found.start()
            if found[0] in b"\r\n":
                self._done = True
                return at, at
            slashes = _backslashes_before(text, at, place)
            if found[0] != mark or (slashes + 1) % (2 * (depth + 1)) == 0:
                continue
            ours = slashes % 2 == depth % 2 or not depth
            self._done = (
                self._done or not ours
            )  # a quote of fewer backslashes ends the string around this one
            return at - (depth if ours else 0), at + 1
        return (len(text), len(text)) if final else None

    def _number(self, text: bytes, place: int, leaves: list[Leaf], *, final: bool) -> int | None:
        ending = NUMBER_END.search(text, place)
        stop = ending.start() if ending else len(text)
        found, rest = _pieces(place, stop, number=True, schema=self._schema)
        leaves += found if self._wanted else []
        if ending is None and not final:
            return rest if rest > place else None
        if self._wanted:
            leaves += _leaf(text, rest, stop, number=True, schema=self._schema)
        self._after_value()
        return stop

    def _literal(self, text: bytes, place: int, *, final: bool) -> int | None:
        if not final and b"data:".startswith(text[place : place + 5]) and len(text) - place < 5:
            return None  # the next line of an SSE event, perhaps
        if not self._stack:
            self._done = True
            return place
        ending = WORD_END.search(text, place)
        self._after_value()
        return ending.start() if ending else len(text)


def without_scheme(text: bytes, start: int, stop: int) -> int:
    """Where the credentials begin that follow an authentication scheme (RFC 9110, 11.1): `Bearer` stays."""
    scheme = SCHEME.match(text, start, stop)
    return scheme.end() if scheme else start


def _leaf(text: bytes, start: int, stop: int, *, number: bool = False, schema: bool = False) -> list[Leaf]:
    start = without_scheme(text, start, stop)
    return [Leaf(start, stop, number, schema)] if start < stop else []


def _pieces(place: int, stop: int, *, number: bool = False, schema: bool = False) -> tuple[list[Leaf], int]:
    """The whole pieces of a leaf that is too long, and where the rest of it begins."""
    leaves = []
    while stop - place >= LONGEST_LEAF:
        leaves.append(Leaf(place, place + LONGEST_LEAF, number, schema))
        place += LONGEST_LEAF
    return leaves, place


def _backslashes_before(text: bytes, at: int, floor: int) -> int:
    place = at
    while place > floor and text[place - 1] == 0x5C:
        place -= 1
    return at - place


def _end(pattern: re.Pattern[bytes], text: bytes, place: int) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place
