"""A part of a cassette, in the order of the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cassettes.file.reader import Cassette
from cassettes.model import AnyRecord, Header, Loss, Unknown
from tests.cassettes.recorded import HEADER, chunk, end, request, response, save, whole

OTHER = Header(version=1, created="", recorder="other")
LOSS = Loss(at=3, reason="disk full", exchange=1)

OVERLAPPING: list[AnyRecord] = [
    HEADER,
    request(0),
    request(1, 1),
    Unknown(kind="later"),
    response(1, 2),
    response(0, 2),
    LOSS,
    chunk(0, 3),
    chunk(1, 3),
    end(1, 4),
    *whole(7, 4),
    end(0, 9),
    OTHER,
    *whole(0),
]  # fmt: skip


def of(*exchanges: int) -> list[AnyRecord]:
    return [record for record in OVERLAPPING[:-5] if getattr(record, "exchange", None) in exchanges]


@pytest.mark.parametrize(
    ("numbers", "records"),
    [
        ([], []),
        ([0], [HEADER, *of(0)]),
        ([2, 0, 2], [HEADER, *of(0, 7)]),
        ([1, 0], [HEADER, *of(0, 1)]),
        ([3], [OTHER, *whole(0)]),
        ([3, 1], [HEADER, *of(1), OTHER, *whole(0)]),
    ],
)
def test_records_stay_in_the_order_of_the_file(
    tmp_path: Path, numbers: list[int], records: list[AnyRecord]
) -> None:
    with Cassette.open(save(tmp_path / "in.jsonl", OVERLAPPING)) as cassette:
        assert list(cassette.selected(numbers)) == records
