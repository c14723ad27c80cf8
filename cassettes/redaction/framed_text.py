"""Redacts an AWS event stream: its text like any other, and then the checksums of the frames that changed."""

from __future__ import annotations

from collections.abc import Sequence

from cassettes.framings.checksum_keeper import ChecksumKeeper
from cassettes.redaction.spans import Span
from cassettes.redaction.wide_text import RedactedText

AWS_EVENT_STREAM = "application/vnd.amazon.eventstream"


class FramedText:
    """A `RedactedText` that is an AWS event stream."""

    def __init__(self, text: RedactedText) -> None:
        self._text = text
        self._keeper = ChecksumKeeper()

    def quiet(self, data: bytes) -> bool:
        """Return False: a checksum in it may have to change for what came before."""
        return False

    def skip(self, data: bytes) -> None:
        """Never called, because nothing is quiet."""
        raise AssertionError("no part of a stream with checksums is skipped")

    def feed(self, data: bytes, *, final: bool = False, secrets: Sequence[Span] = ()) -> bytes:
        """Return what can be written now."""
        written = self._keeper.feed(data, self._text.feed(data, final=final, secrets=secrets))
        return written + self._keeper.rest() if final else written
