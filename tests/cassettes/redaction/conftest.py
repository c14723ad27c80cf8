from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pytest

from cassettes.redaction.incremental_text import IncrementalText, SecretFinder
from cassettes.redaction.key_finder import MARKS, KeyFinder
from cassettes.redaction.known_secrets import KnownSecrets
from cassettes.redaction.stand_ins import StandIns

type Redact = Callable[..., bytes]


@pytest.fixture(scope="session")
def redact() -> Redact:
    """One text after redaction, fed in pieces, with a key that is the same in all tests."""

    def _redact(
        *pieces: bytes, finders: Iterable[SecretFinder] | None = None, secrets: Sequence[bytes] = ()
    ) -> bytes:
        known = KnownSecrets(StandIns(b"a key that tests may keep secret"), MARKS)
        for secret in secrets:
            known.learn(secret, "given")
        text = IncrementalText(known, [KeyFinder()] if finders is None else list(finders))
        return b"".join(text.feed(piece) for piece in pieces) + text.feed(b"", final=True)

    return _redact


@pytest.fixture
def known_text() -> IncrementalText:
    """A text that is searched for secret names."""
    return IncrementalText(KnownSecrets(StandIns(b"a key that tests may keep secret"), MARKS), [KeyFinder()])
