"""The values that were found to be secret, and where else they occur.

A value is recognised by its first characters, its *head*, in the spellings that they commonly have. The text from
there on is then compared with it, whatever is escaped in it and how, or awaited when the text ends there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from urllib.parse import quote_from_bytes

from cassettes.redaction import secret_names
from cassettes.redaction.multi_search import Words
from cassettes.redaction.spans import Span
from cassettes.redaction.stand_ins import StandIns, canonical, compare

SHORTEST, LONGEST = 6, 8192
"""Lengths in bytes of the values that are followed."""

HEAD, MOST_HEADS = 6, 64

FOLLOWED = 16384
"""How many values are followed; the one that was not seen for the longest time is dropped first."""

TOKEN_LIKE = re.compile(rb"(?s)(?!.*\s)(?:.{16,}|(?=.*(?:\d|[a-z].*[A-Z]|[A-Z].*[a-z])).{8,})")
PLAIN = re.compile(r"[A-Za-z0-9_.~-]+")
CONTROL = re.compile(rb"[\0-\x1f\x7f]")

URL_MARKS = (b"://", b":\\/\\/")
"""Where a url's authority begins, whose userinfo is secret; the second as JSON may write it."""

VOCABULARY = (
    b"progress result complete error heartbeat message response sources metadata details timestamp step retry "
    b"query conversation_history auto_load_documents memory_enabled role user assistant content system model "
    b"event: data: id: type document dataset title polling_url job_id status pending queued running succeeded "
    b"completed failed latest_progress active_jobs session_id chat_session_id bearer basic digest true false null "
    b"undefined application/json text/event-stream text/html text/plain charset=utf-8 keep-alive no-cache "
    b"no-store chunked identity gzip deflate localhost 127.0.0.1 http:// https:// content-type content-length "
    b"set-cookie cookie samesite httponly expires max-age secure max_tokens total_tokens token_count "
    b"prompt_tokens completion_tokens username unknown default example anonymous redacted deleted "
) + b" ".join(
    [
        *secret_names.STEMS,
        *sorted(secret_names.KEY_NAMES),
        *(name.encode() for name in sorted(secret_names.SECRET_HEADERS)),
    ]
)
"""Words that the traffic itself is made of. A password may be one of them: it is replaced, but not followed."""


class KnownSecrets:
    """The followed values of one recording. `words` finds their heads, and the names of secret keys."""

    def __init__(self, standins: StandIns) -> None:
        self.standin = standins
        self.words = Words([*secret_names.STEMS, *URL_MARKS])
        self.learned = 0
        self._values: dict[bytes, None] = {}
        self._by_head: dict[bytes, list[bytes]] = {}
        self._beginnings: dict[bytes, int] = {}  # of heads, and how many heads begin so
        self._longest_head = 1

    def learn(self, spelled: bytes, *, strict: bool) -> bytes | None:
        """Follow a value from now on. Gives it in its plain spelling; None when it is not new or not worth it."""
        if not SHORTEST <= len(spelled) <= LONGEST:
            return None
        value = canonical(spelled)
        if value in self._values or self.standin.is_own(value) or not _worth_following(value, strict=strict):
            return None
        if self.standin(value) == value:
            return None
        self._add(value)
        self.learned += 1
        return value

    def search(
        self, text: bytes, hits: Sequence[tuple[int, bytes]], born: Mapping[bytes, int]
    ) -> tuple[list[Span], int]:
        """Where followed values stand, and where the text's end may be the beginning of one.

        `hits` is what `words` finds in the text. A value in `born` counts only from that place of the text on.
        """
        spans, open_at = [], len(text)
        for start, word in hits:
            for value in self._by_head.get(word, ()):
                end = compare(text, start, value) if start >= born.get(value, 0) else None
                if end is None:
                    continue
                if end > len(text):
                    open_at = min(open_at, start)
                else:
                    self._values[value] = self._values.pop(value)  # it was seen just now
                    spans.append(Span(start, end))
        return spans, min(open_at, self._open_head(text))

    def _open_head(self, text: bytes) -> int:
        """Where the text's end may be the beginning of a head."""
        begin = max(0, len(text) - self._longest_head + 1)
        tail = text[max(begin, text.rfind(b"\n", begin) + 1) :].lower()
        for size in range(len(tail), 0, -1):
            if tail[-size:] in self._beginnings:
                return len(text) - size
        return len(text)

    def _add(self, value: bytes) -> None:
        self._values[value] = None
        for head in heads(value):
            self._by_head.setdefault(head, []).append(value)
            self.words.add(head)
            self._longest_head = max(self._longest_head, len(head))
            for size in range(1, len(head)):
                self._beginnings[head[:size]] = self._beginnings.get(head[:size], 0) + 1
        if len(self._values) > FOLLOWED:
            self._drop(next(iter(self._values)))

    def _drop(self, value: bytes) -> None:
        del self._values[value]
        for head in heads(value):
            self._by_head[head].remove(value)
            if not self._by_head[head]:
                del self._by_head[head]
                self.words.discard(head)
            for size in range(1, len(head)):
                self._beginnings[head[:size]] -= 1
                if not self._beginnings[head[:size]]:
                    del self._beginnings[head[:size]]


def heads(value: bytes) -> list[bytes]:
    """How a value may begin, in lower case: each of its first characters in every spelling that it has.

    With many of them the head is shorter, so that it has `MOST_HEADS` at most.
    """
    begin = value.decode("utf-8", "surrogateescape")[:HEAD]
    if PLAIN.fullmatch(begin):
        return [begin.lower().encode()]
    choices = [_spellings(character) for character in begin]
    while prod(map(len, choices)) > MOST_HEADS:
        choices.pop()
    return list(dict.fromkeys(b"".join(choice).lower() for choice in product(*choices)))


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


def _worth_following(value: bytes, *, strict: bool) -> bool:
    if len(value) < SHORTEST or CONTROL.search(value, 0, HEAD) or value.lower() in VOCABULARY:
        return False
    return not strict or TOKEN_LIKE.fullmatch(value) is not None
