"""Writes a cassette of many conversations: the samples repeated, each time with tokens of their own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cassettes.samples import resolve
from cassettes.tokens.discovery import tokens
from cassettes.tokens.finder import TokenFinder
from chatreel.workflows.open_cassettes import open_with_sessions
from replayer.selection.token_minting import mint

SAMPLES = ("stream", "job")


def write_conversations(path: Path, count: int) -> None:
    """Write a cassette of `count` conversations, streams and jobs in turns."""
    kinds = [sample_and_tokens(sample) for sample in SAMPLES]
    with path.open("wb") as file:
        for number in range(count):
            data, finder = kinds[number % len(kinds)]
            file.write(finder.replace(data, partial(mint, seed=0, session=number, attempt=0)))


def sample_and_tokens(sample: str) -> tuple[bytes, TokenFinder]:
    """The bytes of a sample, and the finder of its tokens in them."""
    path = resolve(sample)
    cassette, sessions = open_with_sessions(path)
    with cassette:
        assert len(sessions) == 1
        found = tokens(list(cassette.exchanges()), sessions.public)
    return path.read_bytes(), TokenFinder(value for token in found for value in token.values)
