"""Indexes that are saved: what they bring back, and that none is used that does not fit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.file import reader, saved_index
from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.file.saved_index import SUFFIX, Origin, SavedIndex, clear, find, places, read, write
from cassettes.model import AnyRecord, Loss
from cassettes.tokens.sessions import Sessions
from foundation.errors import CassetteError
from tests.cassettes.recorded import HEADER, chunk, end, request, response, save, whole

RECORDS: list[AnyRecord] = [
    HEADER,
    request(0),
    request(1, 5, url="http://h/b"),
    response(0, 6),
    Loss(at=7, reason="a full queue", records=3, exchange=1),
    Loss(at=8, reason="nobody's", bytes=9),
    chunk(0, 9),
    end(0, 10),
    HEADER,
    *whole(0, 0, url="http://h/c"),
    request(1, 20),
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(params=["a.jsonl", "a.jsonl.zst"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return save(tmp_path / request.param, RECORDS)


def index(path: Path) -> Path:
    """Save the index of a cassette; returns where it is."""
    with Cassette.open(path, lambda *_: None) as cassette:
        return write(path, Origin.of(path), cassette.save())


def everything(cassette: Cassette) -> list[Any]:
    """All that a cassette tells."""
    numbers = range(len(cassette))
    return [
        list(cassette.exchanges()),
        list(cassette.requests()),
        list(cassette.records()),
        [(cassette.header(number), cassette.recording(number), cassette.marks(number)) for number in numbers],
        (cassette.headers, cassette.losses, cassette.torn, cassette.size, cassette.warnings),
    ]


@pytest.fixture
def never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the reading of a whole cassette fail."""

    def refuse(_cassette: Cassette) -> None:
        raise AssertionError("the cassette was read")

    monkeypatch.setattr(Cassette, "_read_all", refuse)


def test_a_cassette_from_its_index_is_the_same_and_is_not_read(
    path: Path, request: pytest.FixtureRequest
) -> None:
    with Cassette.open(path) as cassette:
        expected = everything(cassette)
    assert index(path) == path.with_name(path.name + SUFFIX)
    request.getfixturevalue("never_read")
    with Cassette.open(path) as cassette:
        assert everything(cassette) == expected


def test_who_looks_at_the_requests_reads_them(path: Path) -> None:
    index(path)
    seen: list[str] = []
    Cassette.open(path, lambda _method, url, _headers, _body: seen.append(url)).close()
    assert seen == ["http://h/a", "http://h/b", "http://h/c", "http://h/a"]


def test_a_cassette_from_its_index_is_followed_on(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jsonl", encode(RECORDS) + b'{"kind": "resp')
    index(path)
    with Cassette.open(path) as cassette:
        assert cassette.torn == 14
        with path.open("r+b") as file:
            file.truncate(cassette.size)
            file.seek(0, os.SEEK_END)
            file.write(encode([response(1, 21), end(1, 22)]))
        assert list(cassette.refresh()) == [3]
        assert cassette.exchange(3).end.at == 22


def test_a_cassette_that_grew_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jsonl", RECORDS)
    index(path)
    with path.open("ab") as file:
        file.write(encode(whole(2, 30)))
    assert find(path) is None
    with Cassette.open(path) as cassette:
        assert len(cassette) == 5


def test_a_cassette_of_another_time_or_with_other_ends_is_read(tmp_path: Path) -> None:
    path = save(tmp_path / "a.jsonl", RECORDS)
    index(path)
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    assert find(path) is not None
    os.utime(path, ns=(times[0], times[1] + 1))
    assert find(path) is None
    data = path.read_bytes()
    for changed in (data.replace(b"http://h/a", b"http://h/z", 1), data.replace(b'"at":20', b'"at":21')):
        assert changed != data
        path.write_bytes(changed)
        os.utime(path, ns=times)
        assert find(path) is None


def test_an_index_of_other_code_is_not_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(path)
    monkeypatch.setattr(reader, "code_version", lambda *_: "another")
    found = find(path)
    assert found is not None
    with Cassette.open(path) as cassette:
        assert not cassette._restore(found)
        assert len(cassette) == 4


def test_an_index_of_another_user_is_not_trusted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert (find(path) is None) == (path.stat().st_uid != 0)


def test_an_index_that_does_not_fit_is_told_when_it_is_used(tmp_path: Path) -> None:
    """As of a cassette that was changed in its middle, by somebody who set its time back."""
    path = save(tmp_path / "a.jsonl", RECORDS)
    with Cassette.open(path, lambda *_: None) as cassette:
        cassette._index._last[0], cassette._index._last[2] = (
            cassette._index._last[2],
            cassette._index._last[0],
        )
        write(path, Origin.of(path), cassette.save())
    with Cassette.open(path) as cassette, pytest.raises(CassetteError, match="chatreel index --clear"):
        cassette._index._last[1] = cassette._index._last[0]
        cassette.exchange(1)


def test_what_cannot_be_beside_the_cassette_is_in_the_cache(
    path: Path, cache: Path, request: pytest.FixtureRequest
) -> None:
    beside = path.with_name(path.name + SUFFIX)
    beside.mkdir()
    place = index(path)
    assert place.is_relative_to(cache / "chatreel" / "indexes")
    request.getfixturevalue("never_read")
    Cassette.open(path).close()
    beside.rmdir()
    assert clear(path) == [place]


def test_where_nothing_can_be_written_that_is_said(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.with_name(path.name + SUFFIX).mkdir()
    (tmp_path / "no folder").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "no folder"))
    with pytest.raises(
        CassetteError, match=r"its index cannot be saved: .*Is a directory; .*Not a directory"
    ):
        index(path)
    assert sorted(child.name for child in tmp_path.iterdir()) == [path.name, path.name + SUFFIX, "no folder"]


def test_a_user_without_a_home_has_no_cache(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert places(path) == [path.with_name(path.name + SUFFIX)]


def test_only_its_owner_can_read_an_index(path: Path) -> None:
    assert index(path).stat().st_mode & 0o777 == 0o600


def test_a_pipe_has_none(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    descriptor = os.open(pipe, os.O_RDWR)  # so that the other end is there
    try:
        with pytest.raises(CassetteError, match="can be read only once"):
            Origin.of(pipe)
    finally:
        os.close(descriptor)


@given(st.data())
def test_any_bytes_are_an_index_or_none(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = save(tmp_path_factory.mktemp("any") / "a.jsonl", RECORDS)
    place = index(path)
    whole_index = place.read_bytes()
    kept = data.draw(st.integers(0, len(whole_index) - 1))
    more = data.draw(st.binary(max_size=20))
    place.write_bytes(whole_index[:kept] + more + whole_index[kept + len(more) :])
    found = read(place)
    assert found is None or place.read_bytes() == whole_index
    Cassette.open(path).close()


class Numbers(msgspec.Struct, array_like=True):
    """A section of a test's own."""

    numbers: list[int]


@pytest.mark.parametrize("sections", [{}, {"numbers": Numbers([1, 2])}])
def test_a_section_that_is_not_there_or_of_another_kind_is_none(
    path: Path, sections: dict[str, msgspec.Struct]
) -> None:
    write(path, Origin.of(path), sections)
    found = find(path)
    assert isinstance(found, SavedIndex)
    assert found.section("numbers", Numbers) == sections.get("numbers")
    assert found.section("numbers", reader.SavedPlaces) is None
    assert Sessions.restored(found) is None


@pytest.mark.parametrize(("leaders", "public"), [([], []), ([0, 0, 2, 0, 2], []), ([0, 1], [5, 1 << 63, 9])])
def test_sessions_come_back(path: Path, leaders: Sequence[int], public: Sequence[int]) -> None:
    sessions = Sessions(leaders, frozenset(public))  # type: ignore[arg-type]  # digests are integers
    write(path, Origin.of(path), sessions.save())
    found = find(path)
    assert found is not None
    restored = Sessions.restored(found)
    assert restored is not None
    assert (restored.of, restored.public, len(restored)) == (sessions.of, sessions.public, len(sessions))
    for session in range(len(sessions)):
        assert restored.exchanges(session) == sessions.exchanges(session)
        assert (restored.first(session), restored.size(session)) == (
            sessions.first(session),
            sessions.size(session),
        )


def test_clearing_what_is_not_there_removes_nothing(path: Path) -> None:
    assert clear(path) == []
    index(path)
    assert clear(path) == [path.with_name(path.name + SUFFIX)]
    assert clear(path) == []
    assert saved_index.find(path) is None
