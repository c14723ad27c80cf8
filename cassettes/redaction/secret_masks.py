"""Masks the secrets of a text, so that two texts that differ in nothing else are equal.

Redaction finds the same secrets in a text and in the redacted text: what tells them stays. So the mask of a request is
that of its recording:

    {"user": "ann", "password": "hunter2"}      sent          {"user": "ann", "password": "(a secret)"}
    {"user": "ann", "password": "svnlpq5"}      recorded      {"user": "ann", "password": "(a secret)"}
"""

from __future__ import annotations

from collections.abc import Sequence

from cassettes.redaction.incremental_text import SecretFinder
from cassettes.redaction.key_finder import MARKS, KeyFinder, Kind
from cassettes.redaction.multi_search import Words
from cassettes.redaction.secret_shapes import PREFIXES
from cassettes.redaction.shape_finder import ShapeFinder
from cassettes.redaction.spans import Span, disjoint
from cassettes.redaction.wide_text import as_utf8

SECRET = "(a secret)"  # noqa: S105 - that of nobody
"""Stands for every secret, and the number 0 for one that is a JSON number."""

WORDS = Words([*MARKS, *PREFIXES])


def masked(text: bytes, kind: Kind) -> bytes:
    """Return a text, in UTF-8, with a mask for each secret in it that its name or its shape tells."""
    text = as_utf8(text)
    hits = WORDS.find(text)
    if not hits:
        return text
    finders: Sequence[SecretFinder] = (KeyFinder(kind, any_placeholder=True), ShapeFinder())
    spans = disjoint(span for finder in finders for span in finder.scan(text, hits, final=True)[0])
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], _mask(text, span)]
        at = span.end
    return b"".join([*pieces, text[at:]])


def _mask(text: bytes, span: Span) -> bytes:
    quoted = text[max(0, span.start - 1) : span.start] in (b'"', b"'", b"=", b"")
    number = not quoted and text[span.start : span.end].strip(b"-+.eE0123456789") == b""
    return b"0" if number else SECRET.encode()
