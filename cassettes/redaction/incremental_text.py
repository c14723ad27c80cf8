"""Redacts a text that arrives in pieces; the result has the same length, and is the same however the text is split.

Bytes are returned only when nothing that may follow can change them; the others are held back. A secret that is found
is also replaced wherever it occurs behind that place. The last bytes that were returned are kept as context, because
the name of a secret may be in one piece and its value in the next. An example, with a stand-in for hunter2x9:

    feed(b'{"password": "hun')    returns b'{"password": "'      and holds back the value, which has not ended
    feed(b'ter2x9"} and hunt')    returns b'pixbne3i3"} and '    and holds back "hunt": the secret begins like that
    feed(b'ing, hunter')          returns b'hunting, '           and holds back "hunter"
    feed(b'2x9.')                 returns b'pixbne3i3.'
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.spans import Span, disjoint

CONTEXT = 512
"""Bytes of context that are kept: longer than any name together with what separates it from its value."""


class SecretFinder(Protocol):
    """Finds the secrets of one text by one kind of rule.

    `text` is the part of the text that is still kept, and places are offsets in it; `trim` says how much of its
    beginning was removed. `hits` are the places of the words that `KnownSecrets.words` found in it.
    """

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Return whether a scan is certain to find nothing and to hold nothing back."""

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """Return the secrets that are complete, and the place from which on the text must be held back."""

    def skip(self) -> None:
        """Take the text for read, for which `quiet` returned True just now."""

    def trim(self, count: int) -> None:
        """Adjust to a text from whose beginning `count` bytes were removed."""


class IncrementalText:
    """Redacts one text, such as a body or a url; what the finders in `kept` find stays as it is."""

    def __init__(
        self, known: KnownSecrets, finders: Sequence[SecretFinder] = (), kept: Sequence[SecretFinder] = ()
    ) -> None:
        self._known = known
        self._finders = finders
        self._keepers = kept
        self._all = (*finders, *kept)
        self._kept: list[Span] = []  # what the keepers found
        self._undecided: list[Span] = []  # secrets, of which the keepers may still keep some
        self._text = b""
        self._returned = 0  # bytes of the text that were returned
        self._spans: list[Span] = []  # secrets that end behind that
        self._known_from: dict[bytes, int] = {}  # where a secret of this text ended when it was found first

    def quiet(self, data: bytes) -> bool:
        """Return whether nothing is held back and `data` would be returned unchanged."""
        text = self._text + data
        if self._returned < len(self._text):
            return False
        hits = self._known.words.find(text)
        spans, held = self._known.search(text, hits, self._known_from)
        return (
            held == len(text)
            and all(span.end <= self._returned for span in spans)
            and all(finder.quiet(text, hits) for finder in self._all)
        )

    def skip(self, data: bytes) -> None:
        """Add data for which `quiet` returned True, and which is written without `feed`."""
        self._text += data
        self._returned = len(self._text)
        for finder in self._all:
            finder.skip()
        self._trim()

    def feed(self, data: bytes, *, final: bool = False, secrets: Sequence[Span] = ()) -> bytes:
        """Return what can be written now: everything, when this is the end of the text.

        `secrets` are places in `data` that are known to be secret.
        """
        begin = len(self._text)
        self._text += data
        hits = self._known.words.find(self._text)
        found = [span.moved(begin) for span in secrets]
        horizon = len(self._text)
        for finder in self._finders:
            spans, held = finder.scan(self._text, hits, final=final)
            found += spans
            horizon = min(horizon, held)
        found, horizon = self._not_kept(found, hits, horizon, final=final)
        if self._learn(found):
            hits = self._known.words.find(self._text)
        again, held = self._known.search(self._text, hits, self._known_from)
        self._spans += found
        again = [span for span in again if not _overlap(span, self._kept)]
        return self._release(
            len(self._text) if final else min(horizon, held), disjoint([*self._spans, *again], self._returned)
        )

    def _not_kept(
        self, found: list[Span], hits: Sequence[tuple[int, bytes]], horizon: int, *, final: bool
    ) -> tuple[list[Span], int]:
        """Return the secrets that no keeper keeps, and how far that is decided."""
        if not self._keepers:
            return found, horizon
        for keeper in self._keepers:
            spans, held = keeper.scan(self._text, hits, final=final)
            self._kept += spans
            horizon = min(horizon, held)
        found = [*self._undecided, *found]
        self._undecided = [span for span in found if span.end > horizon and not final]
        decided = [span for span in found if span.end <= horizon or final]
        return [span for span in decided if not _overlap(span, self._kept)], horizon

    def _learn(self, found: list[Span]) -> bool:
        """Have secrets replaced elsewhere, too; returns whether one of them is new."""
        before = self._known.learned
        for span in sorted(found):
            value = self._known.learn(self._text[span.start : span.end], span.follow)
            if value is not None:
                self._known_from[value] = span.end
        return self._known.learned > before

    def _release(self, horizon: int, spans: list[Span]) -> bytes:
        """Return the redacted text up to the horizon, or up to a secret that extends beyond it."""
        for span in reversed(spans):
            if span.start < horizon < span.end:
                horizon = span.start
        horizon = max(horizon, self._returned)
        pieces, at = [], self._returned
        for span in spans:
            if span.end <= horizon:
                pieces += [
                    self._text[at : span.start],
                    span.stand_in or self._known.replacement(self._text[span.start : span.end], span.kind),
                ]
                at = span.end
        pieces.append(self._text[at:horizon])
        self._returned = horizon
        self._trim()
        return b"".join(pieces)

    def _trim(self) -> None:
        """Remove what is neither held back nor context."""
        count = max(0, self._returned - CONTEXT)
        self._text = self._text[count:]
        self._returned -= count
        if self._spans:
            self._spans = [span.moved(-count) for span in self._spans if span.end > self._returned + count]
        if self._known_from:
            self._known_from = {
                value: place - count
                for value, place in self._known_from.items()
                if place > self._returned + count
            }
        if self._keepers:
            self._kept = [span.moved(-count) for span in self._kept if span.end > count]
            self._undecided = [span.moved(-count) for span in self._undecided]
        for finder in self._all:
            finder.trim(count)


def _overlap(span: Span, kept: Sequence[Span]) -> bool:
    return any(span.start < one.end and one.start < span.end for one in kept)
