"""Finds what a chatbot spells out over several events: "jo", "hn@ex", "ample.org".

The pieces of an answer are the strings under the names that protocols have for them (`FIELDS`). Those of one name are
joined to one text, in which shapes, known values and the patterns of rules are searched for. What is found there and is
cut by a border is replaced in each of its pieces, which together are the stand-in of the whole. From the place on where
something may have begun, the stream is held back, up to `LONGEST` bytes of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from cassettes.redaction.incremental_text import SecretFinder
from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.pattern_finder import PatternFinder
from cassettes.redaction.rules import PatternRule
from cassettes.redaction.shape_finder import ShapeFinder
from cassettes.redaction.spans import Span
from cassettes.redaction.stand_ins import canonical, units

LONGEST = 1 << 16
"""Bytes of a stream in which the pieces of one secret stand, at most."""

CONTEXT = 64
"""Bytes of a text that are kept to see what is before a match."""

FIELD_NAMES = """
content text token delta response answer completion arguments partial_json thinking reasoning reasoning_content
generated_text v
"""
FIELDS = tuple(b'"%s"' % name.encode() for name in FIELD_NAMES.split())
"""The names of pieces of an answer, with their quotes."""

NAMES = frozenset(FIELDS)
VALUE = re.compile(rb'\s{0,8}:\s{0,8}"((?:[^"\\]|\\.)*+)(")?', re.DOTALL)


class DeltaPiece(NamedTuple):
    """A piece of an answer: its place in the stream, and the bytes that it means."""

    start: int
    end: int
    meant: bytes


class DeltaFinder:
    """Finds the secrets that are cut by the borders of events; of one stream of events.

    Known values are found, matches of the patterns and, unless `shapes` is false, secrets by their shape.
    """

    def __init__(
        self, known: KnownSecrets, patterns: Sequence[PatternRule] = (), *, shapes: bool = True
    ) -> None:
        self._known = known
        self._patterns = patterns
        self._shapes = shapes
        self._resume = 0  # the place up to which fields were read
        self._channels: dict[bytes, Channel] = {}
        self._open = False  # whether any of them has pieces
        self._tried: tuple[int, dict[bytes, bytes]] | None = None  # what `quiet` found: the ends of the texts

    def quiet(self, text: bytes, hits: Sequence[tuple[int, bytes]]) -> bool:
        """Return whether nothing is open, and no piece begins or goes on with something."""
        if self._open:
            return False
        resume, joined = self._resume, dict[bytes, list[bytes]]()
        for start, word in hits:
            if start < resume or word not in NAMES or (found := VALUE.match(text, start + len(word))) is None:
                continue
            if found[2] is None:
                return False
            resume = found.end()
            joined.setdefault(word, []).append(found[1])
        tails: dict[bytes, bytes] = {}
        for name, pieces in joined.items():
            spoken = self._channel(name).before + canonical(b"".join(pieces))
            if not self._nothing_in(spoken):
                return False
            tails[name] = spoken[-CONTEXT:]
        self._tried = max(resume, len(text) - CONTEXT), tails
        return True

    def _nothing_in(self, spoken: bytes) -> bool:
        hits = self._known.words.find(spoken)
        found, opening = self._known.search(spoken, hits, {})
        return (
            not found and opening == len(spoken) and all(one.quiet(spoken, hits) for one in self._finders())
        )

    def skip(self) -> None:
        """Take what `quiet` found for read."""
        if self._tried is not None:
            self._resume = self._tried[0]
            for name, tail in self._tried[1].items():
                self._channel(name).before = tail
            self._tried = None

    def scan(self, text: bytes, hits: Sequence[tuple[int, bytes]], *, final: bool) -> tuple[list[Span], int]:
        """Return the pieces of secrets that are complete, and where one may have begun."""
        self._resume, pieces = self._read(text, hits)
        for name, piece in pieces:
            self._channel(name).pieces.append(piece)
        spans: list[Span] = []
        held = len(text)
        for channel in self._channels.values():
            if not channel.pieces:
                continue
            found, opening = self._search(channel, final=final)
            for span in found:
                spans += channel.spans(span, text, self._known)
            channel.forget(opening)
            while channel.pieces and len(text) - channel.pieces[0].start > LONGEST:
                channel.forget(len(channel.before) + len(channel.pieces[0].meant))
            held = min([held, *(piece.start for piece in channel.pieces[:1])])
        self._open = any(channel.pieces for channel in self._channels.values())
        return spans, held

    def trim(self, count: int) -> None:
        """Adjust to a text from whose beginning `count` bytes were removed."""
        self._resume = max(0, self._resume - count)
        for channel in self._channels.values():
            if channel.pieces:
                channel.pieces = [
                    piece._replace(start=piece.start - count, end=piece.end - count)
                    for piece in channel.pieces
                ]

    def _search(self, channel: Channel, *, final: bool) -> tuple[list[Span], int]:
        return channel.search(self._known, self._finders(), final=final)

    def _finders(self) -> list[SecretFinder]:
        shapes: list[SecretFinder] = [ShapeFinder()] if self._shapes else []
        return [*shapes, *map(PatternFinder, self._patterns)]

    def _channel(self, name: bytes) -> Channel:
        return self._channels.setdefault(name, Channel())

    def _read(
        self, text: bytes, hits: Sequence[tuple[int, bytes]]
    ) -> tuple[int, list[tuple[bytes, DeltaPiece]]]:
        """Return the pieces that are complete, and the place up to which the fields were read."""
        pieces: list[tuple[bytes, DeltaPiece]] = []
        resume = self._resume
        for start, word in hits:
            if start < resume or word not in NAMES:
                continue
            found = VALUE.match(text, start + len(word))
            if found is None:
                continue
            if found[2] is None:
                return start, pieces
            resume = found.end()
            pieces.append((word, DeltaPiece(found.start(1), found.end(1), canonical(found[1]))))
        return max(resume, len(text) - CONTEXT), pieces


class Channel:
    """The text of all pieces under one name; `pieces` are those that may have something in them."""

    def __init__(self) -> None:
        self.before = b""
        self.pieces: list[DeltaPiece] = []

    @property
    def size(self) -> int:
        """The length of the text, in bytes."""
        return len(self.before) + sum(len(piece.meant) for piece in self.pieces)

    def search(
        self, known: KnownSecrets, finders: Sequence[SecretFinder], *, final: bool
    ) -> tuple[list[Span], int]:
        """Return what is found across borders, and where something may have begun; places are those of the text."""
        text = b"".join([self.before, *(piece.meant for piece in self.pieces)])
        hits = known.words.find(text)
        found, opening = known.search(text, hits, {})
        for finder in finders:
            spans, held = finder.scan(text, hits, final=final)
            found += spans
            opening = min(opening, held)
        return [span for span in found if self._is_cut(span)], len(text) if final else opening

    def forget(self, opening: int) -> None:
        """Drop the pieces before a place of the text."""
        end = len(self.before)
        dropped: list[bytes] = []
        while self.pieces and end + len(self.pieces[0].meant) <= opening:
            meant = self.pieces.pop(0).meant
            dropped.append(meant)
            end += len(meant)
        self.before = b"".join([self.before, *dropped])[-CONTEXT:]

    def spans(self, span: Span, text: bytes, known: KnownSecrets) -> list[Span]:
        """Return the places in the stream of a value that is cut, each with its part of the stand-in."""
        parts: list[tuple[int, int]] = []
        end = len(self.before)
        for piece in self.pieces:
            begin, end = end, end + len(piece.meant)
            if begin < span.end and span.start < end:
                parts.append(_within(text, piece, max(span.start - begin, 0), min(span.end, end) - begin))
        spelled = [text[start:stop] for start, stop in parts]
        known.learn(b"".join(map(canonical, spelled)), span.follow)
        stand_ins = known.replaced_parts(spelled, span.kind)
        return [
            Span(start, stop, span.kind, "never", stand_in)
            for (start, stop), stand_in in zip(parts, stand_ins, strict=True)
        ]

    def _is_cut(self, span: Span) -> bool:
        """Return whether a border is within a value that begins in one of the pieces."""
        end = len(self.before)
        if span.start < end:
            return False
        for piece in self.pieces:
            end += len(piece.meant)
            if span.start < end < span.end:
                return True
        return False


def _within(text: bytes, piece: DeltaPiece, begin: int, end: int) -> tuple[int, int]:
    """Return where bytes `begin` to `end` of what a piece means are spelled in the stream."""
    spelled = text[piece.start : piece.end]
    if spelled == piece.meant:
        return piece.start + begin, piece.start + end
    place, meant = piece.start, 0
    start = stop = piece.start
    for unit in units(spelled):
        if meant <= begin:
            start = place
        place, meant = place + len(unit.spelled), meant + len(unit.meant)
        if meant <= end:
            stop = place
    return start, stop
