r"""Finds secrets by the names before them: in JSON at any depth of escaping, in forms, in urls.

Why names are looked for in the text, and JSON is not parsed: bodies are chunks of SSE events, of JSON that holds
JSON in strings, of answers that quote urls and code, and some are broken. One rule for text covers them all, holds
back nothing but the open value itself, and costs nothing where no name occurs, since a search for the stems of
all names comes first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from cassettes.redaction import escapes, secret_names
from cassettes.redaction.judgement import is_secret
from cassettes.redaction.randomness import is_random, is_wordlike
from cassettes.redaction.secret_kinds import NameKind, Place
from cassettes.redaction.spans import Span
from cassettes.redaction.stand_ins import canonical
from cassettes.redaction.value_readers import (
    ESCAPED_END,
    FORM_END,
    PART_END,
    TEXT_END,
    USERINFO,
    Json,
    Leaf,
    PatternValue,
    Userinfo,
    ValueReader,
)

type Kind = Literal["text", "url", "form"]
"""What a text is: a body of any kind, a url (or a header, which may hold one), or a url-encoded form."""

LONGEST_NAME = 64
LONGEST_PAIR = 600
"""Bytes in which `"value": "..."` stands before the `"name": "..."` that it belongs to."""

FEW = 2
"""Words under one name, after which the next ones are taken for words of an answer, too."""

MANY_WORDS = 5

AFTER = re.compile(
    rb"(?P<name>[\w.-]{0,64})(?:\[\w{0,16}\]|%5[bB]\w{0,16}%5[dD])?(?:"
    rb"(?P<json>\\{0,32}[\"'](?:[ \t\r\n]|\ndata:){0,32}:)"
    rb"|(?P<form>(?:\]|%5[dD])?=)(?:(?P<quoted>(?=\\{0,32}[\"']))|(?=[^\\]|\\+[^\"'\\]))"
    rb"|(?P<escaped>(?:\]|%5[dD])?(?:%3[dD]|\\{1,32}u003[dD]))"
    rb"|(?P<part>\"?(?:; ?filename=\"?[^\"\r\n]{0,64}\"?)?\r?\n(?:[^\r\n]{1,96}\r?\n){0,2}\r?\n)"
    rb"|(?P<pair>\\{0,8}[\"'](?:\s{0,8},\s{0,8}\\{0,8}[\"'][\w-]{1,32}\\{0,8}[\"']\s{0,8}:\s{0,8}"
    rb"(?:\\{0,8}[\"'][^\"'\\]{0,64}\\{0,8}[\"']|[\w.]{1,16})){0,3}?"
    rb"\s{0,8},\s{0,8}\\{0,8}[\"']value\\{0,8}[\"']\s{0,8}:)"
    rb")"
)
"""What stands between a name and its value; it is matched where a stem begins."""

PART_BEFORE = re.compile(rb"(?i)form-data;[^\r\n]{0,96}?\bname=\"?\Z")
PAIR_BEFORE = re.compile(rb"[\"'](?:name|key|field|id)\\{0,8}[\"']\s{0,8}:\s{0,8}\\{0,8}[\"']\Z")
VALUE_BEFORE = re.compile(
    rb"[\"']value[\"']\s{0,8}:\s{0,8}\"([^\"\\]{1,512})\"\s{0,8},\s{0,8}\"(?:name|key|field|id)\"\s{0,8}:\s{0,8}\"\Z"
)
QUERY_BEFORE = re.compile(rb"(?:[?&]|%3[fF]|%26|u0026|&amp;)\Z")
PLACES: dict[Kind, Place] = {"text": "code", "url": "query"}
NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
URL_MARKS = (b"://", b":\\/\\/")
"""Where a url's authority begins, whose userinfo is secret; the second as JSON may write it."""

STEMS = frozenset(secret_names.STEMS)
ESCAPES = frozenset(escapes.MARKS)
MARKS = (*secret_names.STEMS, *URL_MARKS, *escapes.MARKS)
"""The words that a text is searched for."""

MARKED = frozenset(MARKS)

USER = NameKind("user of a url", (), (), "any", "`https://user:password@host/`")


class Found(NamedTuple):
    """A value that a name announces: its reader, where it begins, what it is and where it stands."""

    reader: ValueReader
    start: int
    name: bytes
    kind: NameKind
    place: Place


class KeyFinder:
    """Finds the secrets of one text, which may come in pieces.

    The values of the names in `asked` are secret whatever they are, those of the names in `kept` are not.
    `any_placeholder` is that of `is_secret`.
    """

    def __init__(
        self,
        kind: Kind = "text",
        *,
        asked: Collection[str] = (),
        kept: Collection[str] = (),
        any_placeholder: bool = False,
    ) -> None:
        self._kind = kind
        self._any_placeholder = any_placeholder
        self._asked = _plain(asked) if asked else NO_NAMES
        self._asked_words = frozenset(words_of(asked)) if asked else NO_NAMES
        self._kept = _plain(kept) if kept else NO_NAMES
        self._marks = MARKED | self._asked_words if asked else MARKED
        self._open: Found | None = None
        self._resume = 0
        self._words: Counter[bytes] = Counter()  # values of a name that were no secrets
        self._secret_words: Counter[bytes] = Counter()  # values of a name that were, and are words

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Whether no value is open, and none begins here."""
        return self._open is None and all(
            word not in self._marks
            or start < self._resume
            or (self._value_at(text, start, word) is None and not self._pair_before(text, start, word))
            for start, word in hits
        )

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """The values that are complete, and where a value begins that is not."""
        spans: list[Span] = []
        if not self._read(text, spans, final=final):
            return spans, self._resume
        for start, word in hits:
            if start < self._resume or word not in self._marks:
                continue
            spans += self._pair_before(text, start, word)
            if found := self._value_at(text, start, word):
                self._open, self._resume = found, found.start
                if not self._read(text, spans, final=final):
                    return spans, self._resume
        return spans, len(text)

    def skip(self) -> None:
        """Do nothing: what was quiet has left nothing to remember."""

    def trim(self, count: int) -> None:
        """The first bytes of the text are gone."""
        self._resume = max(0, self._resume - count)

    def _read(self, text: bytes, spans: list[Span], *, final: bool) -> bool:
        """Read on in the open value; false when the text ends inside it."""
        if self._open is None:
            return True
        leaves, self._resume, done = self._open.reader.read(text, self._resume, final=final)
        spans += (span for leaf in leaves for span in self._judged(text, leaf, self._open))
        if done:
            self._open = None
        return done

    def _judged(self, text: bytes, leaf: Leaf, found: Found) -> Sequence[Span]:
        """Return the span of a leaf, if it is a secret."""
        value = canonical(text[leaf.start : leaf.end])
        if found.kind is ASKED:
            return [Span(leaf.start, leaf.end, ASKED.kind, ASKED.follow)]
        among_words = self._words[found.name] >= FEW
        secret = is_secret(
            found.kind,
            value,
            found.place,
            number=leaf.number,
            among_words=among_words,
            any_placeholder=self._any_placeholder,
        )
        if leaf.schema or leaf.cut:
            secret = is_random(value) if leaf.schema else secret or not is_wordlike(value)
        if secret:
            self._secret_words[found.name] += is_wordlike(value)
            follow = "random" if leaf.user else found.kind.follow
            return [Span(leaf.start, leaf.end, found.kind.kind, follow)]
        self._words[found.name] += 1
        return []

    @property
    def replaced_words(self) -> list[str]:
        """Return the names under which `MANY_WORDS` words were replaced, as if they were pieces of an answer."""
        return [
            name.decode("utf-8", "replace")
            for name, count in self._secret_words.items()
            if count >= MANY_WORDS
        ]

    def _value_at(self, text: bytes, start: int, word: bytes) -> Found | None:
        """A reader for the value that a word announces, and where it begins."""
        if word in URL_MARKS:
            return _userinfo_at(text, start + len(word))
        if word in ESCAPES:
            return self._behind_escapes(text, start)
        if word not in STEMS and word not in self._asked_words:
            return None
        after = AFTER.match(text, start)
        if after is None:
            return None
        begin = _name_start(text, start)
        return self._found(text, begin, text[begin : after.end("name")], after)

    def _behind_escapes(self, text: bytes, start: int) -> Found | None:
        """The same for a name of which some characters are escaped."""
        before = escapes.NAME_BEFORE.search(text, max(0, start - 96), start)
        spelled = escapes.NAME.match(text, before.start() if before else start)
        if spelled is None or spelled.end() <= start:
            return None
        after = AFTER.match(text, spelled.end())
        if after is None or after["name"]:
            return None
        return self._found(text, spelled.start(), escapes.unescaped(spelled[0]), after)

    def _found(self, text: bytes, begin: int, name: bytes, after: re.Match[bytes]) -> Found | None:
        if after["part"] and not PART_BEFORE.search(text, max(0, begin - 128), begin):
            return None
        if after["pair"] and not PAIR_BEFORE.search(text, max(0, begin - 32), begin):
            return None
        reader, place = self._reader_for(
            after, in_query=QUERY_BEFORE.search(text, max(0, begin - 6), begin) is not None
        )
        kind = self._named(name, place)
        return Found(reader, after.end(), name, kind, place) if kind else None

    def _named(self, name: bytes, place: Place) -> NameKind | None:
        bare = secret_names.plain(name)
        if bare in self._asked:
            return ASKED
        return None if bare in self._kept else secret_names.kind_of(name, place)

    def _pair_before(self, text: bytes, start: int, word: bytes) -> list[Span]:
        r"""The value before its name, as in {"value": "...", "name": "password"}."""
        if word not in STEMS:
            return []
        begin = _name_start(text, start)
        if text[begin - 1 : begin] != b'"':
            return []
        before = VALUE_BEFORE.search(text, max(0, begin - LONGEST_PAIR), begin)
        name = text[begin : begin + LONGEST_NAME].partition(b'"')[0] if before else b""
        kind = self._named(name, "json")
        if before is None or kind is None or not is_secret(kind, canonical(before[1]), "json"):
            return []
        return [Span(*before.span(1), kind.kind, kind.follow)]

    def _reader_for(self, after: re.Match[bytes], *, in_query: bool) -> tuple[ValueReader, Place]:
        if after["json"] or after["pair"]:
            return Json(), "json"
        if after["part"]:
            return PatternValue(PART_END), "part"
        if after["escaped"]:
            return PatternValue(ESCAPED_END), "query"
        place: Place = "form" if self._kind == "form" else "query" if in_query else PLACES[self._kind]
        if self._kind == "form":
            return PatternValue(FORM_END), place
        return (Json() if after["quoted"] is not None else PatternValue(TEXT_END)), place


NO_NAMES: frozenset[bytes] = frozenset()
NO_SEPARATORS = str.maketrans("", "", "-_.")
ASKED = NameKind("name rule", (), (), "any", "", follow="asked")


def _plain(names: Iterable[str]) -> frozenset[bytes]:
    return frozenset(secret_names.plain(name.encode()) for name in names)


def words_of(names: Iterable[str]) -> list[bytes]:
    """Return the words to search for, so that values of these names are found."""
    return [
        spelled.lower().encode()
        for name in names
        for spelled in (name, name.replace("-", "_"), name.replace("_", "-"), name.translate(NO_SEPARATORS))
    ]


def _userinfo_at(text: bytes, start: int) -> Found | None:
    found = USERINFO.match(text, start)
    if found is None or text[found.end() : found.end() + 1] not in (b"@", b""):
        return None
    return Found(Userinfo(), start, b"@", USER, "query")


def _name_start(text: bytes, start: int) -> int:
    r"""Where the name begins that a stem is part of; `\n`, `\u0026` or `%26` before it are escapes, not of it."""
    begin, floor = start, max(0, start - LONGEST_NAME)
    while begin > floor and text[begin - 1] in NAME_BYTES:
        begin -= 1
    escape = escapes.BEFORE.match(text, max(0, begin - 1), start)
    return escape.end() if escape else begin
