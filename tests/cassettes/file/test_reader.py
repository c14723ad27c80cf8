from __future__ import annotations

import os
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.model import AnyRecord, End, Exchange, Loss, Request, Unknown
from foundation.errors import BrokenLine, CassetteError
from tests.cassettes.recorded import HEADER, TOO_DEEP, chunk, end, request, response, save, whole

UNKNOWN = Unknown(kind="later", extra={"exchange": 0, "at": 2, "note": "x"})
TWO: list[AnyRecord] = [HEADER, *whole(0), *whole(1, 10, url="http://h/b")]
LINES = encode(TWO).splitlines(keepends=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


def read_all(path: Path) -> list[Exchange]:
    """Everything that can be asked of a cassette; its exchanges."""
    with Cassette.open(path) as cassette:
        exchanges = list(cassette.exchanges())
        assert [cassette.request(number) for number in range(len(cassette))] == [
            exchange.request for exchange in exchanges
        ]
        assert list(cassette.requests()) == [
            (sent.method, sent.url, sent.headers, sent.body)
            for sent in (exchange.request for exchange in exchanges)
        ]
        list(cassette.records())
    return exchanges


def test_a_cassette_gives_its_exchanges(path: Path) -> None:
    save(path, TWO)
    with Cassette.open(path) as cassette:
        assert len(cassette) == 2
        assert cassette.headers == [HEADER]
        assert (cassette.losses, cassette.torn, cassette.warnings) == ([], 0, [])
        assert cassette.request(1) == request(1, 10, url="http://h/b")
        assert cassette.exchange(0) == Exchange(
            number=0, request=request(), response=response(), chunks=(chunk(),), end=end()
        )
        assert cassette.exchange(1).body == chunk().data
        assert list(cassette.requests()) == [
            ("POST", "http://h/a", request().headers, b""),
            ("POST", "http://h/b", request().headers, b""),
        ]
        assert list(cassette.records()) == TWO


def test_requests_give_bodies_of_any_bytes(path: Path) -> None:
    bodies = [b"", b'{"a":1}', "€".encode(), b"\xff\x00"]
    save(path, [HEADER, *(request(number, body=body) for number, body in enumerate(bodies))])
    with Cassette.open(path) as cassette:
        assert [body for _, _, _, body in cassette.requests()] == bodies


def test_interleaved_exchanges_are_told_apart(path: Path) -> None:
    save(
        path,
        [
            HEADER,
            request(7, 0),
            request(3, 1),
            response(3, 2),
            response(7, 3),
            chunk(7, 4, b"a"),
            chunk(3, 5, b"b"),
            chunk(7, 6, b"c"),
            end(3, 7),
            chunk(7, 8, b"d"),
            end(7, 9),
        ],
    )
    first, second = read_all(path)
    assert (first.number, first.request.exchange, first.body) == (0, 7, b"acd")
    assert (second.number, second.request.exchange, second.body) == (1, 3, b"b")
    assert [piece.at for piece in first.chunks] == [4, 6, 8]


def test_recordings_can_be_concatenated(path: Path) -> None:
    # The first one was killed inside its exchange 0, which must not go on in the second.
    save(path, [HEADER, request(0), chunk(0), *TWO])
    exchanges = read_all(path)
    assert [exchange.number for exchange in exchanges] == [0, 1, 2]
    assert [exchange.request.exchange for exchange in exchanges] == [0, 0, 1]
    assert [exchange.end.how for exchange in exchanges] == ["unfinished", "complete", "complete"]
    with Cassette.open(path) as cassette:
        assert cassette.headers == [HEADER, HEADER]


def test_an_exchange_number_can_be_used_again_after_its_end(path: Path) -> None:
    save(path, [HEADER, *whole(0), *whole(0, 10)])
    assert [exchange.request.at for exchange in read_all(path)] == [0, 10]


def test_an_exchange_without_end_is_unfinished_since_its_last_byte(path: Path) -> None:
    save(path, [HEADER, request(0, 5), response(0, 9), chunk(0, 20), request(1, 30)])
    first, second = read_all(path)
    assert first.end == End(exchange=0, at=20, how="unfinished")
    assert second.end == End(exchange=1, at=30, how="unfinished")
    assert second.response is None


def test_losses_belong_to_their_exchange_or_to_the_cassette(path: Path) -> None:
    of_exchange = Loss(at=2, reason="the disk is full", records=3, bytes=100, exchange=0)
    of_recording = Loss(at=9, reason="the recording reached its largest size")
    too_late = Loss(at=9, reason="gone", records=1, exchange=0)
    save(path, [HEADER, request(), of_exchange, end(), too_late, of_recording])
    (exchange,) = read_all(path)
    assert exchange.losses == (of_exchange,)
    with Cassette.open(path) as cassette:
        assert cassette.losses == [too_late, of_recording]


def test_what_a_later_version_wrote_is_passed_over_and_copied(path: Path) -> None:
    records = [HEADER, request(), UNKNOWN, response(), chunk(), UNKNOWN, end(), UNKNOWN]
    save(path, records)
    assert read_all(path)[0].body == chunk().data
    with Cassette.open(path) as cassette:
        assert list(cassette.records()) == records


def test_blank_lines_and_crlf_are_no_harm(path: Path) -> None:
    save(path, b"\n" + encode(TWO).replace(b"\n", b"\r\n\n \t\n"))
    assert [exchange.body for exchange in read_all(path)] == [chunk().data] * 2


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.zst"])
def test_a_last_line_torn_anywhere_is_left_out_with_a_warning(tmp_path: Path, name: str) -> None:
    *before, last = LINES
    for cut in range(1, len(last) - 1):
        path = save(tmp_path / name, b"".join(before) + last[:cut])
        with Cassette.open(path) as cassette:
            assert cassette.warnings == [f"{path}: left out the last line, which a crash tore"]
            assert cassette.torn == cut
            assert [exchange.end.how for exchange in cassette.exchanges()] == ["complete", "unfinished"]
            assert list(cassette.records()) == TWO[:-1]


def test_a_last_line_that_only_lacks_its_line_end_is_kept(path: Path) -> None:
    for records in (TWO, [*TWO, UNKNOWN], [HEADER]):
        save(path, encode(records).rstrip(b"\n"))
        with Cassette.open(path) as cassette:
            assert (cassette.torn, cassette.warnings) == (0, [])
            assert list(cassette.records()) == records


@pytest.mark.parametrize(
    ("at", "line", "expected", "found"),
    [
        (1, b"hello\n", "a record in JSON", "'hello\\n'"),
        (1, LINES[1], "the header of a recording", '\'{"kind":"request"'),
        (3, b'{"kind":"request","exch\n', "a record in JSON", "request"),
        (3, b"[]\n", "a JSON object", "[]"),
        (4, b'{"a":' + b"[" * 100_000 + b"\n", "a record in JSON", TOO_DEEP),
        (3, b'{"kind":"chunk"}\n', "a record of kind 'chunk'", "missing required field"),
        (3, b'{"kind":"request","exchange":0}\n', "a record of kind 'request'", "missing required field"),
        (3, encode([request(0, 99)]), "a new exchange", "a second request of exchange 0"),
        (2, encode([chunk(5)]), "a record of an exchange that is under way", "exchange 5, which has no"),
        (10, encode([chunk(0, 99)]), "a record of an exchange that is under way", "exchange 0, which has no"),
        (10, encode([end(1, 99)]), "a record of an exchange that is under way", "has ended"),
        (10, b'{"chatreel":2}\n', "format version 1 or older", "version 2 (update Chatreel)"),
    ],
)
def test_any_other_broken_line_is_named(path: Path, at: int, line: bytes, expected: str, found: str) -> None:
    save(path, b"".join([*LINES[: at - 1], line, *LINES[at - 1 :]]))
    with pytest.raises(BrokenLine) as caught:
        Cassette.open(path)
    assert (caught.value.line, caught.value.expected) == (at, expected)
    assert found in caught.value.found
    assert str(caught.value).startswith(f"{path}, line {at}: expected {expected}, found ")


@pytest.mark.parametrize(
    ("number", "line", "found"),
    [
        (2, b'{"kind":"request","exchange":0,"at":0,"url":"u","http":"1.1","headers":[]}\n', "`method`"),
        (2, b'{"kind":"request","kind":"later","kind":"request","exchange":0}\n', "missing required field"),
        (2, b'{"kind":"request","exchange":0,"chatreel":1,"created":"","recorder":""}\n', "another kind"),
        (4, b'{"kind":"chunk","exchange":0,"at":-1,"data":""}\n', "`$.at`"),
        (4, b'{"kind":"chunk","exchange":0,"at":0,"data":"\xff"}\n', "utf-8"),
        (5, b'{"kind":"end","exchange":0,"at":0,"how":"somehow"}\n', "'somehow'"),
    ],
)
def test_what_the_index_does_not_look_at_is_named_when_it_is_read(
    path: Path, number: int, line: bytes, found: str
) -> None:
    save(path, b"".join([*LINES[: number - 1], line, *LINES[number:]]))
    with Cassette.open(path) as cassette:
        assert len(cassette) == 2
        assert cassette.exchange(1).end.how == "complete"
        with pytest.raises(BrokenLine, match=f"line {number}: ") as caught:
            cassette.exchange(0)
        assert found in str(caught.value)
        if number == 2:
            with pytest.raises(BrokenLine, match="line 2: "):
                list(cassette.requests())


def test_a_line_beyond_all_bounds_is_named(path: Path) -> None:
    save(path, [HEADER, *whole(0, data=b"x" * 2000)])
    with pytest.raises(BrokenLine, match="line 4: expected a line of less than 1000 bytes, found a longer"):
        Cassette.open(path, longest_line=1000)


@pytest.mark.parametrize("content", [b"", b"\n\n", b" ", b"no cassette"])
def test_a_file_without_header_is_no_cassette(path: Path, content: bytes) -> None:
    save(path, content)
    with pytest.raises(CassetteError, match="expected a cassette, found no header in it") as caught:
        Cassette.open(path)
    assert str(path) in str(caught.value)


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"missing\.jsonl: cannot be read: No such file"):
        Cassette.open(tmp_path / "missing.jsonl")
    with pytest.raises(CassetteError, match="cannot be read: Is a directory"):
        Cassette.open(tmp_path)
    with pytest.raises(CassetteError, match="cannot be read: Not a directory"):
        Cassette.open(save(tmp_path / "file", b"") / "a.jsonl.zst")


def test_a_file_without_permission_is_named(path: Path) -> None:
    save(path, TWO)
    path.chmod(0)
    before = os.geteuid()
    if before == 0:  # to whom nothing is forbidden
        os.seteuid(65534)
    try:
        with pytest.raises(CassetteError, match="cannot be read: Permission denied"):
            Cassette.open(path)
    finally:
        os.seteuid(before)


def test_a_disk_that_fails_while_it_is_read_is_named() -> None:
    with pytest.raises(CassetteError, match="/proc/self/mem: cannot be read: Input/output error"):
        Cassette.open(Path("/proc/self/mem"))


def test_a_pipe_can_be_read(path: Path) -> None:
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=[encode(TWO)])
    writer.start()
    with Cassette.open(path) as cassette:
        assert list(cassette.records()) == TWO
    writer.join()


def test_a_compressed_cassette_is_read_as_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    # A frame for each record, as recorders write them, whatever the bounds of lines.
    path.write_bytes(b"".join(zstandard.ZstdCompressor().compress(encode([record])) for record in TWO))
    assert [exchange.body for exchange in read_all(path)] == [chunk().data] * 2


def test_a_truncated_compressed_cassette_keeps_its_whole_frames(tmp_path: Path) -> None:
    frames = [zstandard.ZstdCompressor().compress(encode([record])) for record in TWO]
    path = tmp_path / "a.jsonl.zst"
    for missing in range(2, len(frames[-1])):  # the very last byte is but the line end
        path.write_bytes(b"".join(frames)[:-missing])
        with Cassette.open(path) as cassette:
            assert list(cassette.records()) == TWO[:-1]


@pytest.mark.parametrize(
    "content", [b"plain text", encode(TWO), zstandard.compress(b"x" * 99)[:-20] + b"\0" * 50]
)
def test_corrupt_frames_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(content)
    with pytest.raises(CassetteError) as caught:
        Cassette.open(path)
    assert str(caught.value).startswith(f"{path}: expected ")


def test_memory_does_not_grow_with_the_bodies(path: Path) -> None:
    body = b"data: " + b"x" * 1_000_000 + b"\n\n"
    save(path, [HEADER, *(record for number in range(40) for record in whole(number, data=body))])
    tracemalloc.start()
    try:
        with Cassette.open(path) as cassette:
            _, peak = tracemalloc.get_traced_memory()
            assert len(cassette) == 40
            assert cassette.exchange(39).body == body
    finally:
        tracemalloc.stop()
    assert path.stat().st_size > 40_000_000
    assert peak < 5_000_000


def test_the_index_takes_few_bytes_for_an_exchange(path: Path) -> None:
    save(path, [HEADER, *(record for number in range(5000) for record in whole(number))])
    before = Cassette.open(path)
    before.close()
    tracemalloc.start()
    try:
        with Cassette.open(path):
            current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert current - (1 << 20) < 5000 * 100  # beside the file's buffer


def test_a_cassette_that_grows_is_read_as_far_as_it_was_indexed(path: Path) -> None:
    save(path, TWO[:4])
    with Cassette.open(path) as cassette, path.open("ab") as file:
        file.write(encode(TWO[4:]) + b'{"kind":"requ')
        file.flush()
        assert list(cassette.records()) == TWO[:4]
        assert cassette.exchange(0).end.how == "unfinished"


def can_be_read(path: Path) -> bool:
    """Whether all of a cassette can be read; any error but a named one goes up."""
    try:
        with Cassette.open(path) as cassette:
            for ask in (cassette.exchanges, cassette.requests, cassette.records):
                for _ in ask():
                    pass
            return True
    except CassetteError as error:
        said = str(error)
    assert said.startswith(str(path))
    assert "\n" not in said
    return False


@given(
    st.binary(max_size=200) | st.lists(st.sampled_from([*LINES, b"\n", b"{}\n", b'{"kind":'])).map(b"".join)
)
def test_any_bytes_are_a_cassette_or_one_named_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(data)
    can_be_read(path)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(encode(TWO))),
            st.integers(0, 12),
            st.binary(max_size=4)
            | st.sampled_from([b'"', b"{", b"]", b"\n", b"-1", b"null", b"1e9", b"\xff"]),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["mutated.jsonl", "mutated.jsonl.zst"]),
)
def test_any_damage_gives_records_or_one_named_error(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int, bytes]], name: str
) -> None:
    path = save(tmp_path_factory.getbasetemp() / name, TWO)
    data = bytearray(path.read_bytes())
    for offset, length, replacement in damage:
        data[offset : offset + length] = replacement
    path.write_bytes(data)
    can_be_read(path)


@given(st.permutations([record for number in range(3) for record in whole(number)]))
def test_records_in_any_order_are_exchanges_or_one_named_error(
    tmp_path_factory: pytest.TempPathFactory, records: list[Any]
) -> None:
    path = save(tmp_path_factory.getbasetemp() / "shuffled.jsonl", [HEADER, *records])
    kinds = [[type(record) for record in records if record.exchange == number] for number in range(3)]
    assert can_be_read(path) is all(of[0] is Request and of[-1] is End for of in kinds)


def test_a_decompression_bomb_is_refused_with_the_way_round(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.zst"
    path.write_bytes(zstandard.compress(encode([HEADER]) + b"\n" * (80 << 20)))
    with pytest.raises(CassetteError, match=r"unpacks to more than 1000 times its size.*zstd -d ") as refused:
        Cassette.open(path)
    assert "\n" not in str(refused.value)


def test_what_is_packed_well_is_no_bomb(tmp_path: Path) -> None:
    path = tmp_path / "dense.jsonl.zst"
    path.write_bytes(
        zstandard.compress(encode([HEADER, Unknown(kind="later", extra={"x": "x" * (30 << 20)})]))
    )
    with Cassette.open(path) as cassette:
        assert len(cassette) == 0
