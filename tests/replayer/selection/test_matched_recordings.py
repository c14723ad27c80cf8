"""Recordings from a saved index answer as those do that were read."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from cassettes.file import saved_index
from cassettes.samples import resolve
from foundation.errors import CassetteError
from replayer.matching.matcher import EVERYTHING, Match
from replayer.matching.options import parse_match
from replayer.selection import matched_recordings
from replayer.selection.index_process import making_index
from replayer.selection.matched_recordings import MatchedRecordings, make_index, open_matched

SAMPLES = ("error", "health", "job", "not_found", "stream")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """All samples in one file, twice, so that requests are the same and sessions many."""
    path = tmp_path / "all.jsonl"
    path.write_bytes(
        b"".join(resolve(name).read_bytes() for name in ("job", "stream", "health", "job", "stream"))
    )
    return path


def everything(opened: MatchedRecordings) -> list[object]:
    """All that the selection of exchanges asks for."""
    recordings, requests, _ = opened
    found: list[object] = []
    for number in range(len(recordings)):
        request = recordings.request(number)  # type: ignore[arg-type]  # a plain number
        session = recordings.session_of(number)  # type: ignore[arg-type]
        found += [
            request,
            list(requests.find(requests.key(request))),
            requests.candidates(request.url),
            session,
            recordings.session(session),
            list(recordings.finder(session).values),
            list(recordings.cookies(number)),  # type: ignore[arg-type]
            recordings.jobs(session),
        ]
    return [*found, recordings.warnings, recordings.upstreams, requests.find(b"x" * 16), len(requests)]


@pytest.mark.parametrize(
    "match", [EVERYTHING, parse_match(["+header:accept", "-query"], ["/history/*/id", "query:t"])]
)
def test_what_is_restored_is_what_was_read(path: Path, match: Match) -> None:
    with open_matched([path], match) as opened:
        assert not opened.restored
        expected = everything(opened)
    make_index(path, match)
    with open_matched([path], match) as opened:
        assert opened.restored
        assert everything(opened) == expected


def test_an_index_made_with_other_options_is_not_used_for_matching(path: Path) -> None:
    make_index(path, EVERYTHING)
    with open_matched([path], parse_match(["method,path"], [])) as opened:
        assert not opened.restored
        assert len(opened.requests.find(opened.requests.key(opened.recordings.request(0)))) > 1  # type: ignore[arg-type]


def test_several_files_are_read(path: Path) -> None:
    make_index(path, EVERYTHING)
    with open_matched([path, resolve("job")], EVERYTHING) as opened:
        assert not opened.restored


@pytest.mark.parametrize("kind", ["places", "sessions", "cookies", "requests"])
def test_an_index_that_lacks_a_section_is_not_used(path: Path, kind: str) -> None:
    make_index(path, EVERYTHING)
    found = saved_index.find(path)
    assert found is not None
    rest = {name: section for name, section in found.sections.items() if not name.startswith(kind)}
    assert len(rest) == 3
    lacking = msgspec.structs.replace(found, sections=rest)
    [place] = saved_index.clear(path)
    data = msgspec.msgpack.encode(lacking)
    saved_index.replace(place, saved_index.head(data), data)
    assert saved_index.find(path) == lacking
    with open_matched([path], EVERYTHING) as opened:
        assert opened.restored == (kind == "places")  # then the cassette alone is read


def test_a_cassette_that_changes_meanwhile_gets_no_index(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = matched_recordings.MatchIndex.save

    def save(index: matched_recordings.MatchIndex) -> object:
        os.utime(path)
        return original(index)

    monkeypatch.setattr(matched_recordings.MatchIndex, "save", save)
    with pytest.raises(CassetteError, match="was changed while its index was made"):
        make_index(path, EVERYTHING)
    assert saved_index.clear(path) == []


def test_an_index_is_made_in_the_background(path: Path) -> None:
    match = parse_match(["-query"], [])
    with making_index(path, match, worthwhile=1) as process:
        assert process is not None
        assert process.wait(30) == 0
    with open_matched([path], match) as opened:
        assert opened.restored


def test_none_is_made_of_a_small_cassette_or_of_none(path: Path, tmp_path: Path) -> None:
    for one in (path, tmp_path / "absent.jsonl", tmp_path):
        with making_index(one, EVERYTHING) as process:
            assert process is None
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_done_at_the_end_is_given_up(path: Path) -> None:
    with making_index(path, EVERYTHING, worthwhile=1):
        pass
    leftovers = {child.name for child in path.parent.iterdir()} - {path.name}
    assert leftovers <= {path.name + saved_index.SUFFIX}
