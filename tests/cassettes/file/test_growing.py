"""A cassette that grows: what is appended is taken in, and a line that is not whole yet waits."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.model import AnyRecord, Exchange, Unknown
from foundation.errors import BrokenLine
from tests.cassettes.recorded import HEADER, chunk, end, request, response, whole

# Two that overlap, one that never ends, a kind of a later version, and a second recording.
RECORDS: list[AnyRecord] = [
    HEADER, request(0), request(1, 1), response(1, 2), response(0, 3), chunk(1, 4), chunk(0, 5), end(1, 6),
    Unknown(kind="later", extra={"exchange": 0, "at": 6}), chunk(0, 7), end(0, 8), request(2, 9),
    HEADER, *whole(0),
]  # fmt: skip
DATA = encode(RECORDS)
BEGIN = len(encode([HEADER]))


def exchanges(cassette: Cassette) -> list[Exchange]:
    return list(cassette.exchanges())


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("growing") / "a.jsonl"


@given(st.lists(st.integers(BEGIN, len(DATA)), max_size=8))
def test_any_pieces_give_the_same_as_the_whole(path: Path, cuts: list[int]):
    ends = sorted({*cuts, len(DATA)})
    path.write_bytes(DATA[: ends[0]])
    told: dict[int, list[int]] = {}
    with Cassette.open(path) as cassette:
        for number in range(len(cassette)):
            told[number] = list(cassette.marks(number))
        for before, after in pairwise(ends):
            with path.open("ab") as file:
                file.write(DATA[before:after])
            for number, marks in cassette.refresh().items():
                told.setdefault(number, []).extend(marks)
        found = exchanges(cassette)
        assert (cassette.size, cassette.torn, cassette.warnings) == (len(DATA), 0, [])
        assert len(cassette.headers) == 2
        assert {number: list(cassette.marks(number)) for number in range(len(cassette))} == told
        assert [cassette.record(told[0][0]), cassette.record(told[3][-1])] == [request(0), end(0)]
    with Cassette.open(path) as whole_one:
        assert exchanges(whole_one) == found


def test_a_torn_line_waits_and_is_told_meanwhile(path: Path):
    path.write_bytes(DATA[: BEGIN + 10])
    with Cassette.open(path) as cassette:
        assert (len(cassette), cassette.torn, len(cassette.warnings)) == (0, 10, 1)
        assert cassette.refresh() == {}
        path.write_bytes(DATA)
        cassette.refresh()
        assert (len(cassette), cassette.torn, cassette.warnings) == (4, 0, [])


def test_no_more_is_taken_in_at_once_than_is_asked_for(path: Path):
    path.write_bytes(DATA[:BEGIN])
    with Cassette.open(path) as cassette:
        path.write_bytes(DATA)
        steps = 0
        while cassette.size < len(DATA):
            before = cassette.size
            cassette.refresh(most=1)
            assert cassette.size > before
            steps += 1
        # Lines that are of no exchange come along with the next one.
        assert steps == len(RECORDS) - 3
        assert len(cassette) == 4


def test_a_broken_line_is_told_each_time_and_what_was_there_stays(path: Path):
    path.write_bytes(DATA[:BEGIN] + encode(whole(0)))
    with Cassette.open(path) as cassette:
        with path.open("ab") as file:
            file.write(b"no record\n")
        for _ in range(2):
            with pytest.raises(BrokenLine, match="line 6: expected a record in JSON"):
                cassette.refresh()
        assert len(exchanges(cassette)) == 1
