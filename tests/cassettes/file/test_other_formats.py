from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
import zstandard

from cassettes.file.format_v1 import encode
from cassettes.file.other_formats import format_of
from cassettes.file.reader import Cassette
from foundation.errors import BrokenLine, CassetteError
from tests.cassettes.recorded import HEADER, whole

HAR = b'{\n  "log": {"version": "1.2", "entries": []}\n}\n'
LINES = encode([HEADER, *whole()])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.har", HAR, "is a HAR file, no cassette: `chatreel convert a.har --out a.jsonl` makes one of it"),
        ("a.har", HAR.replace(b"\n", b""), "is a HAR file, no cassette: `chatreel convert a.har --out a.jsonl` makes"),
        ("a.jsonl", HAR, "is a HAR file, no cassette: rename it to a.har, then `chatreel convert a.har --out a.jsonl`"),
        ("a.json", HAR, "is a HAR file, no cassette: rename it to a.har, then `chatreel convert a.har --out a.jsonl`"),
        ("a.mitm", b"1234:7:version;2:20#4:type;4:http;", "is a flow file of mitmproxy, no cassette: `chatreel"),
        ("a.jsonl", gzip.compress(LINES), "is compressed with gzip: unpack it with gunzip"),
        ("a.jsonl", zstandard.compress(LINES), "is compressed with Zstandard: name it NAME.jsonl.zst"),
    ],
)  # fmt: skip
def test_what_is_no_cassette_is_said_with_the_way_out(
    name: str, content: bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    with pytest.raises(CassetteError) as refused:
        Cassette.open(Path(name))
    assert str(refused.value).startswith(f"{name} {said}")


@pytest.mark.parametrize("content", [b"x", b'{"a": 1}\n', LINES + b"\x1f\x8b\n" + LINES])
def test_what_is_not_recognised_names_the_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises((BrokenLine, CassetteError), match=r"a\.jsonl(, line \d+)?: expected "):
        Cassette.open(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (LINES, None),
        (b"\n" + LINES, None),
        (b"", None),
        (b"{}", None),
        (b"interactive: yes", None),
        (HAR, "HAR"),
        (HAR.decode().encode("utf-16"), "HAR"),
        (b"\xef\xbb\xbf" + HAR, "HAR"),
        (gzip.compress(HAR, mtime=0), "HAR"),
        (zlib.compress(HAR), "HAR"),
        (gzip.compress(LINES, mtime=0), None),
        (b'[{"startedDateTime": "2026-01-01T00:00:00Z"}]', "HAR"),
        (b'{"version": "1.2", "entries": []}', "HAR"),
        (b"1234:7:version;2:20#4:type;4:http;", "flow"),
        (b"interactions:\n- request:", "vcrpy"),
        (b"---\n# by hand\nversion: 1\ninteractions:\n", "vcrpy"),
        (b'{"version": 1, "interactions": []}', "vcrpy"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, expected: str | None, tmp_path: Path) -> None:
    for name in ("a", "a.har", "a.jsonl"):
        path = tmp_path / name
        path.write_bytes(content)
        assert format_of(path) == expected


def test_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert format_of(tmp_path / "none.har") is None
    assert format_of(tmp_path) is None
