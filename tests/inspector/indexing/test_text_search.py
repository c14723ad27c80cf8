"""What the full-text search finds in an exchange, and where it does not look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cassettes.file.reader import Cassette
from inspector.indexing.text_search import TextPlace, TextSearch, TextTerm
from tests.inspector.recordings import append, end, event, request, response, stream
from tests.inspector.recordings import chunk as chunk_line

SAID = 'say "hé"'
PROGRESS = event("progress", {"step": SAID})
PIECES = ("Once upo", "n a time", ".")


def openai(text: str) -> str:
    choices = [{"index": 0, "delta": {"content": text}}]
    return f"data: {json.dumps({'object': 'chat.completion.chunk', 'choices': choices})}\n\n"


@pytest.fixture(scope="module")
def cassette(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cassette]:
    """0 is a stream of events; 1 is a plain exchange; 2 a chat completion in pieces."""
    lines = [
        *stream(0, 0, [(1000, PROGRESS[:30]), (2000, PROGRESS[30:])]),
        request(1, 10, "POST", "/Some/Path?q=wanted", '{"query": "Where is the CAT?"}'),
        response(1, 20, content_type="application/json"),
        chunk_line(1, 30, '{"found": "nothing"}'),
        end(1, 40),
        *stream(2, 50, [*((n, openai(piece)) for n, piece in enumerate(PIECES)), (9, "data: [DONE]\n\n")]),
    ]
    with Cassette.open(append(tmp_path_factory.mktemp("search") / "some.jsonl", lines)) as cassette:
        yield cassette


@pytest.mark.parametrize(
    ("place", "text", "numbers"),
    [
        ("anywhere", "wanted", [1]),
        ("anywhere", "/some/path", [1]),
        ("anywhere", "the cat", [1]),
        ("anywhere", "text/event-stream", [0, 2]),
        ("anywhere", SAID, [0]),  # in JSON, over two chunks
        ("anywhere", "upon a time", [2]),  # over two events
        ("anywhere", "not there", []),
        ("header", "content-type: text/event", [0, 2]),
        ("header", "wanted", []),
        ("body", "the cat", [1]),
        ("body", "nothing", [1]),
        ("body", "wanted", []),
        ("body", "upon a time", []),
        ("answer", "upon a time", [2]),
        ("answer", "chat.completion.chunk", []),
    ],
)  # fmt: skip
def test_a_text_is_found_where_it_is(
    cassette: Cassette, place: TextPlace, text: str, numbers: list[int]
) -> None:
    search = TextSearch(TextTerm(place, text))
    while search.step(cassette):
        pass
    assert (search.take(), search.searched) == (numbers, 3)
    assert search.take() == []


def test_an_exchange_that_grew_is_found_once(tmp_path: Path) -> None:
    lines = stream(
        0, 0, [(1000, event("progress", {"step": "one"})), (2000, event("result", {"text": "wanted"}))]
    )
    path = append(tmp_path / "live.jsonl", lines[:3])
    with Cassette.open(path) as cassette:
        search = TextSearch(TextTerm("body", "wanted"))
        assert search.step(cassette)
        assert not search.step(cassette)
        append(path, lines[3:])
        cassette.refresh()
        search.look(cassette, 0)
        search.look(cassette, 0)
        assert search.take() == [0]
