"""The values that were found to be secret, and where else they occur.

A value is recognised by its first characters, its *head*, in the spellings that they commonly have. The text from
there on is then compared with it, whatever is escaped in it and how, or awaited when the text ends there.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from urllib.parse import quote_from_bytes

from cassettes.redaction.judgement import is_followed
from cassettes.redaction.multi_search import Words
from cassettes.redaction.spans import Follow, Span
from cassettes.redaction.stand_ins import StandIns, canonical, compare

SHORTEST, LONGEST = 6, 8192
"""Lengths in bytes of the values that are followed."""

HEAD, MOST_HEADS = 6, 64

FOLLOWED = 16384
"""How many values are followed; the one that was not seen for the longest time is dropped first."""

SHORTEST_ENCODED, LONGEST_ENCODED = 8, 1024
"""Lengths in bytes of the values that are followed in base64, too."""

FEW = 16
"""Forms of one head that are compared one by one."""

COUNTED = 1 << 16
"""Different values of a kind that are counted, at most."""

URL_SAFE = bytes.maketrans(b"+/", b"-_")
KNOWN = "known value"

PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")
CONTROL = re.compile(rb"[\0-\x1f\x7f]")


class KnownSecrets:
    """The followed values of one recording. `words` finds their heads, and the `marks` that finders ask for.

    `seen` is called with the kind and the spelling of each value that is replaced.
    """

    def __init__(
        self,
        standins: StandIns,
        marks: Iterable[bytes] = (),
        seen: Callable[[str, bytes], None] = lambda _kind, _spelled: None,
    ) -> None:
        self.standin = standins
        self._seen = seen
        self.words = Words(marks)
        self.learned = 0
        self.replacements = 0
        self.replaced: dict[str, set[int]] = {}  # hashes of the values of each kind, COUNTED of them at most
        self._forms: dict[
            bytes, list[bytes]
        ] = {}  # of each value, the one that was not seen for longest first
        self._value_of: dict[bytes, bytes] = {}  # of each form
        self._by_head: dict[bytes, Bucket] = {}
        self._beginnings: dict[bytes, int] = {}  # of heads, and how many heads begin so
        self._longest_head = 1

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the values."""
        return iter(self._forms)

    def learn(self, spelled: bytes, follow: Follow = "random") -> bytes | None:
        """Follow a value from now on. Gives it in its plain spelling; None when it is not new or not worth it."""
        if not SHORTEST <= len(spelled) <= LONGEST:
            return None
        value = canonical(spelled)
        if value in self._value_of or self.standin.is_own(value) or CONTROL.search(value, 0, HEAD):
            return None
        if not is_followed(value, follow) or self.standin(value) == value:
            return None
        self.follow(value)
        self.learned += 1
        return value

    def replacement(self, spelled: bytes, kind: str) -> bytes:
        """Return the stand-in of a value that is replaced, and count it."""
        self._count(spelled, kind)
        return self.standin(spelled)

    def replaced_parts(self, spelled: Sequence[bytes], kind: str) -> list[bytes]:
        """Return the stand-in of a value that is replaced in several pieces, cut where it is cut, and count it."""
        self._count(b"".join(map(canonical, spelled)), kind)
        return self.standin.parts(spelled)

    def _count(self, spelled: bytes, kind: str) -> None:
        self._seen(kind, spelled)
        self.replacements += 1
        if kind != KNOWN:
            seen = self.replaced.setdefault(kind, set())
            if len(seen) < COUNTED:
                seen.add(hash(spelled))

    def search(
        self, text: bytes, hits: Sequence[tuple[int, bytes]], born: Mapping[bytes, int]
    ) -> tuple[list[Span], int]:
        """Where followed values stand, and where the text's end may be the beginning of one.

        `hits` is what `words` finds in the text. A value in `born`, and what is made of it, counts only from that place
        of the text on.
        """
        spans, open_at = [], len(text)
        for start, word in hits:
            bucket = self._by_head.get(word)
            if bucket is None:
                continue
            for form in bucket.candidates(text, start):
                value = self._value_of[form]
                end = compare(text, start, form) if start >= born.get(value, 0) else None
                if end is None:
                    continue
                if end > len(text):
                    open_at = min(open_at, start)
                else:
                    self._forms[value] = self._forms.pop(value)  # it was seen just now
                    spans.append(Span(start, end, KNOWN))
        return spans, min(open_at, self._open_head(text))

    def _open_head(self, text: bytes) -> int:
        """Where the text's end may be the beginning of a head."""
        if text.endswith(b"\n"):
            return len(text)
        begin = max(0, len(text) - self._longest_head + 1)
        tail = text[max(begin, text.rfind(b"\n", begin) + 1) :].lower()
        for size in range(len(tail), 0, -1):
            if tail[-size:] in self._beginnings:
                return len(text) - size
        return len(text)

    def follow(self, value: bytes) -> None:
        """Follow a value, whatever it is."""
        forms = self._forms[value] = [
            value,
            *(form for form in base64_forms(value) if form not in self._value_of),
        ]
        for form in forms:
            self._value_of[form] = value
            for head in self._heads(form):
                self._by_head.setdefault(head, Bucket()).add(form)
                self.words.add(head)
                self._longest_head = max(self._longest_head, len(head))
                for size in range(1, len(head)):
                    self._beginnings[head[:size]] = self._beginnings.get(head[:size], 0) + 1
        if len(self._forms) > FOLLOWED:
            self._drop(next(iter(self._forms)))

    def _heads(self, form: bytes) -> list[bytes]:
        """Return the heads of a form; what is in base64 is not escaped any more than it has to be."""
        return [*heads(form), *(escaped_heads(form) if self._value_of[form] == form else ())]

    def _drop(self, value: bytes) -> None:
        for form in self._forms.pop(value):
            for head in self._heads(form):
                self._by_head[head].remove(form)
                if not self._by_head[head].forms:
                    del self._by_head[head]
                    self.words.discard(head)
                for size in range(1, len(head)):
                    self._beginnings[head[:size]] -= 1
                    if not self._beginnings[head[:size]]:
                        del self._beginnings[head[:size]]
            del self._value_of[form]


class Bucket:
    """The forms that have one head. Thousands of JSON Web Tokens have, and cannot all be compared."""

    def __init__(self) -> None:
        self.forms: dict[bytes, None] = {}
        self._lengths: Counter[int] = Counter()

    def add(self, form: bytes) -> None:
        """Add a form."""
        self.forms[form] = None
        self._lengths[len(form)] += 1

    def remove(self, form: bytes) -> None:
        """Remove a form."""
        del self.forms[form]
        self._lengths[len(form)] -= 1
        if not self._lengths[len(form)]:
            del self._lengths[len(form)]

    def candidates(self, text: bytes, start: int) -> Iterable[bytes]:
        """Return the forms that may stand at a place of a text; of many, those that do as far as the text goes."""
        if len(self.forms) <= FEW:
            return self.forms
        longest = max(self._lengths)
        there = text[start : start + longest]
        if b"%" in there or b"\\" in there:
            return self.forms
        found = [there[:size] for size in self._lengths if there[:size] in self.forms]
        if len(there) < longest:
            found += [form for form in self.forms if form.startswith(there)]
        return dict.fromkeys(found)


def base64_forms(value: bytes) -> list[bytes]:
    """Return what of a text in base64 (RFC 4648) tells that it has the value in it, wherever the value begins there.

    The first and last characters also depend on what is around the value, and are left out:

        base64("id:" + "hunter2x9") is aWQ6 aHVudGVyMng5       found by aHVudGVyMng5
        base64("a:" + "hunter2x9")  is YTpo dW50ZXIyeDk=       found by dW50ZXIyeDk
    """
    if not SHORTEST_ENCODED <= len(value) <= LONGEST_ENCODED:
        return []
    forms = []
    for before in range(3):
        encoded = b64encode(b"\0" * before + value)[(0, 2, 3)[before] : (before + len(value)) * 8 // 6]
        forms.append(encoded)
        if b"+" in encoded or b"/" in encoded:
            forms.append(encoded.translate(URL_SAFE))
    return list(dict.fromkeys(forms))


def heads(value: bytes) -> list[bytes]:
    """How a value may begin, in lower case: each of its first characters in every spelling that it commonly has.

    With many of them the head is shorter, so that it has `MOST_HEADS` at most.
    """
    begin = value.decode("utf-8", "surrogateescape")[:HEAD]
    if PLAIN.fullmatch(begin):
        return [begin.lower().encode()]
    choices = [_spellings(character) for character in begin]
    while prod(map(len, choices)) > MOST_HEADS:
        choices.pop()
    return list(dict.fromkeys(b"".join(choice).lower() for choice in product(*choices)))


def escaped_heads(value: bytes) -> list[bytes]:
    """How a value begins of which all characters are escaped, as nobody needs to: `%73%33`."""
    return [b"".join(form % byte for byte in value[:2]) for form in (b"%%%02x", b"\\u%04x")]


def _spellings(character: str) -> list[bytes]:
    """Raw, percent-escaped, escaped in JSON and in JSON within JSON."""
    raw = character.encode("utf-8", "surrogateescape")
    if PLAIN.fullmatch(character):
        return [raw]
    escaped = json.dumps(character)[1:-1] if character > "\x7f" else f"\\u{ord(character):04x}"
    ways = [
        raw,
        quote_from_bytes(raw, safe="").encode(),
        escaped.encode(),
        escaped.replace("\\", "\\\\").encode(),
    ]
    if character in "/\"'\\":
        ways += [b"\\" * count + raw for count in (1, 2, 3)]
    return [*ways, b"+"] if character == " " else ways
