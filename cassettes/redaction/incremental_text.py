"""Redacts a text that comes in pieces, byte for byte of the same length, holding back no more than is needed.

The result is the same for every split. A value that is learned from the text is followed from the place on where
it was learned, and a place is given out only when nothing that may follow can change it. What has been given out
is kept for a while as context, since the name of a secret may stand in one piece and the secret in the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.spans import Span, disjoint

CONTEXT = 512
"""Bytes of context: more than any name with what stands between it and its value."""


class SecretFinder(Protocol):
    """Finds secrets by one kind of rule. Places are those of the text at hand, whose beginning `trim` takes off."""

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Whether a scan would surely find nothing and hold nothing back."""

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """The secrets that are complete, and the place from which all must be held back."""

    def trim(self, count: int) -> None:
        """The first bytes of the text are gone."""


class IncrementalText:
    """One body, or one url: feed it, and get back what can be written."""

    def __init__(self, known: KnownSecrets, finders: Sequence[SecretFinder] = ()) -> None:
        self._known = known
        self._finders = finders
        self._text = b""
        self._given = 0  # how much of the text has been given out
        self._spans: list[Span] = []  # what was found behind that
        self._born: dict[bytes, int] = {}

    def quiet(self, data: bytes) -> bool:
        """Whether all that was fed has been given out, and `data` would come back as it is."""
        text = self._text + data
        if self._given < len(self._text):
            return False
        hits = self._known.words.find(text)
        spans, held = self._known.search(text, hits, self._born)
        return (
            held == len(text)
            and all(span.end <= self._given for span in spans)
            and all(finder.quiet(text, hits) for finder in self._finders)
        )

    def skip(self, data: bytes) -> None:
        """Take notice of data that `quiet` agreed to."""
        self._text += data
        self._given = len(self._text)
        self._trim()

    def feed(self, data: bytes, *, final: bool = False, secrets: Sequence[Span] = ()) -> bytes:
        """What can be written now; all of it when this is the end. `secrets` are places in `data` known before."""
        begin = len(self._text)
        self._text += data
        hits = self._known.words.find(self._text)
        found = [span.moved(begin) for span in secrets]
        horizon = len(self._text)
        for finder in self._finders:
            spans, held = finder.scan(self._text, hits, final=final)
            found += spans
            horizon = min(horizon, held)
        if self._learn(found):
            hits = self._known.words.find(self._text)
        again, held = self._known.search(self._text, hits, self._born)
        self._spans += found
        return self._give(
            len(self._text) if final else min(horizon, held), disjoint([*self._spans, *again], self._given)
        )

    def _learn(self, found: list[Span]) -> bool:
        """Follow what was found; true when some of it is new."""
        before = self._known.learned
        for span in sorted(found):
            value = self._known.learn(self._text[span.start : span.end], strict=span.strict)
            if value is not None:
                self._born[value] = span.end
        return self._known.learned > before

    def _give(self, horizon: int, spans: list[Span]) -> bytes:
        """Give out the text up to the horizon, or to the span that lies across it."""
        for span in reversed(spans):
            if span.start < horizon < span.end:
                horizon = span.start
        horizon = max(horizon, self._given)
        pieces, at = [], self._given
        for span in spans:
            if span.end <= horizon:
                pieces += [
                    self._text[at : span.start],
                    self._known.standin(self._text[span.start : span.end]),
                ]
                at = span.end
        pieces.append(self._text[at:horizon])
        self._given = horizon
        self._trim()
        return b"".join(pieces)

    def _trim(self) -> None:
        """Let go of what is neither held back nor context."""
        count = max(0, self._given - CONTEXT)
        self._text = self._text[count:]
        self._given -= count
        self._spans = [span.moved(-count) for span in self._spans if span.end > self._given + count]
        self._born = {
            value: place - count for value, place in self._born.items() if place > self._given + count
        }
        for finder in self._finders:
            finder.trim(count)
