"""Opens a cassette and collects, in the same pass, the values in its requests that can be tokens."""

from __future__ import annotations

from pathlib import Path

from cassettes.file.reader import Cassette
from cassettes.tokens.sessions import RequestTokens


def open_for_sessions(path: Path) -> tuple[Cassette, RequestTokens]:
    """An open cassette, and the values in its requests that can be tokens. Raises CassetteError."""
    request_tokens = RequestTokens()
    cassette = Cassette.open(path, lambda _method, url, headers, body: request_tokens.add(url, headers, body))
    return cassette, request_tokens
