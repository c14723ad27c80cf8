"""Opens a cassette with its sessions, from its saved index where there is one."""

from __future__ import annotations

from pathlib import Path

from cassettes.file import saved_index
from cassettes.file.reader import Cassette
from cassettes.tokens.sessions import RequestTokens, Sessions, find_sessions


def open_with_sessions(path: Path) -> tuple[Cassette, Sessions]:
    """An open cassette, and its sessions. Raises CassetteError."""
    saved = saved_index.find(path)
    sessions = Sessions.restored(saved) if saved else None
    if sessions is not None:
        return Cassette.open(path, saved=saved), sessions
    request_tokens = RequestTokens()
    cassette = Cassette.open(path, lambda _method, url, headers, body: request_tokens.add(url, headers, body))
    return cassette, find_sessions(cassette, request_tokens)
