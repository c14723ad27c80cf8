from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from cassettes.file import storage, writer
from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter, FileState
from cassettes.model import AnyRecord, Loss
from foundation.errors import CassetteError
from tests.cassettes.recorded import HEADER, chunk, end, request, response, save, whole

FIRST: list[AnyRecord] = [HEADER, *whole(0)]
SECOND: list[AnyRecord] = [HEADER, *whole(0, url="http://h/second")]

Open = Callable[[Path], CassetteWriter]


@pytest.fixture(params=["a.jsonl", "a.jsonl.zst"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / str(request.param)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl"


def records_of(path: Path) -> list[AnyRecord]:
    with Cassette.open(path) as cassette:
        assert cassette.warnings == []
        return list(cassette.records())


def write(writer: CassetteWriter, *batches: Sequence[AnyRecord]) -> None:
    with writer:
        for batch in batches:
            writer.write(batch)


@pytest.mark.parametrize("left", [[], [HEADER], [HEADER, HEADER]], ids=["nothing", "a header", "two headers"])
def test_what_an_empty_recording_left_does_not_block_the_next(path: Path, left: list[AnyRecord]) -> None:
    if left:
        save(path, left)
    else:
        path.touch()
    write(CassetteWriter.create(path), FIRST)
    assert records_of(path) == FIRST


@pytest.mark.parametrize("reason", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_holds_cassettes(
    path: Path, reason: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(writer.fcntl, "flock", refuse)
    write(CassetteWriter.create(path), FIRST)
    write(CassetteWriter.append(path), SECOND)
    assert records_of(path) == [*FIRST, *SECOND]


def test_an_empty_recording_that_goes_on_is_left_alone(path: Path) -> None:
    with CassetteWriter.create(path) as recording:
        recording.write([HEADER])
        with pytest.raises(CassetteError, match="is being written by another recorder: choose another file"):
            CassetteWriter.create(path)
    assert records_of(path) == [HEADER]


@pytest.mark.parametrize(
    "content",
    [
        encode(FIRST),
        encode([HEADER]) + b'{"kind":"request","exchange":0,"at"',
        encode([HEADER]) + b'{"kind":"unknown to this version"}\n',
        encode([HEADER, Loss(at=0, reason="the disk was full", records=1, bytes=1)]),
        b"\n\nnotes of mine",
    ],
)
def test_what_holds_anything_is_never_replaced(plain: Path, content: bytes) -> None:
    plain.write_bytes(content)
    with pytest.raises(CassetteError, match="exists: --force replaces it, --append goes on with it"):
        CassetteWriter.create(plain)
    assert plain.read_bytes() == content


@pytest.mark.parametrize("open_it", [CassetteWriter.create, CassetteWriter.append])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a b.har", "write DIR/a b.jsonl, and `chatreel convert 'DIR/a b.jsonl' --out 'DIR/a b.har'` makes the other"),
        ("x.HAR", "write DIR/x.jsonl, and `chatreel convert DIR/x.jsonl --out DIR/x.HAR` makes the other of it"),
        ("x.flow", "write DIR/x.jsonl"),
    ],
)  # fmt: skip
def test_no_cassette_has_the_name_of_another_format(
    open_it: Open, name: str, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(CassetteError) as refused:
        open_it(tmp_path / name)
    assert reason in str(refused.value).replace(str(tmp_path), "DIR")
    assert list(tmp_path.iterdir()) == []


def test_a_new_cassette_holds_what_was_written_and_is_private(path: Path) -> None:
    before = os.umask(0)
    try:
        write(CassetteWriter.create(path), FIRST[:2], FIRST[2:])
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert records_of(path) == FIRST
    if path.suffix == ".jsonl":
        assert path.read_bytes() == encode(FIRST)


def test_every_write_is_there_at_once_and_counted(path: Path) -> None:
    with CassetteWriter.create(path) as file:
        assert file.size == 0
        for count in range(1, len(FIRST) + 1):
            file.write(FIRST[count - 1 : count])
            assert file.size == path.stat().st_size
            assert records_of(path) == FIRST[:count]


def test_an_existing_file_is_replaced_only_by_force(path: Path) -> None:
    path.write_bytes(b"precious")
    with pytest.raises(CassetteError, match="exists: --force replaces it, --append goes on with it"):
        CassetteWriter.create(path)
    assert path.read_bytes() == b"precious"
    write(CassetteWriter.create(path, force=True), FIRST)
    assert records_of(path) == FIRST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_force_creates_what_is_missing_and_spares_what_is_no_file(tmp_path: Path, path: Path) -> None:
    write(CassetteWriter.create(path, force=True), FIRST)
    assert records_of(path) == FIRST
    with pytest.raises(CassetteError, match="exists: choose another file"):
        CassetteWriter.create(tmp_path, force=True)


@pytest.mark.parametrize("open_writer", [CassetteWriter.create, CassetteWriter.append])
def test_a_place_that_cannot_be_is_named(tmp_path: Path, open_writer: Open) -> None:
    with pytest.raises(
        CassetteError,
        match=r"missing/a\.jsonl: cannot be written: there is no folder .*missing; make it first",
    ):
        open_writer(tmp_path / "missing" / "a.jsonl")


def test_appending_begins_a_new_cassette_too(path: Path) -> None:
    write(CassetteWriter.append(path), FIRST)
    assert records_of(path) == FIRST
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_appending_goes_on_with_an_empty_file(path: Path) -> None:
    path.touch()
    write(CassetteWriter.append(path), FIRST)
    assert records_of(path) == FIRST


def test_appending_goes_on_behind_the_last_line(path: Path) -> None:
    save(path, FIRST)
    with CassetteWriter.append(path) as file:
        assert file.size == path.stat().st_size
        file.write(SECOND)
        assert file.size == path.stat().st_size
    assert records_of(path) == [*FIRST, *SECOND]


def test_appending_takes_a_torn_line_away(path: Path) -> None:
    torn = encode([end()])
    for cut in range(1, len(torn) - 1):
        save(path, encode(FIRST[:-1]) + torn[:cut])
        write(CassetteWriter.append(path), SECOND)
        assert records_of(path) == [*FIRST[:-1], *SECOND]


def test_appending_ends_a_last_line_that_lacks_its_end(path: Path) -> None:
    save(path, encode(FIRST).rstrip(b"\n"))
    write(CassetteWriter.append(path), SECOND)
    assert records_of(path) == [*FIRST, *SECOND]


def test_appending_repairs_a_torn_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    write(CassetteWriter.create(path), FIRST[:-1], FIRST[-1:])
    path.write_bytes(path.read_bytes()[:-5])
    write(CassetteWriter.append(path), SECOND)
    assert records_of(path) == [*FIRST[:-1], *SECOND]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "content", [b"some notes", b"some notes\n", b"\n", encode(FIRST) + b"notes\n", encode(whole(0))]
)
def test_a_file_that_is_no_cassette_stays_as_it_is(path: Path, content: bytes) -> None:
    save(path, content)
    before = path.read_bytes()
    with pytest.raises(CassetteError) as caught:
        CassetteWriter.append(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_to_mend_leaves_the_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.jsonl.zst", encode(FIRST)[:-5])
    before = path.read_bytes()

    def full(_self: Path, _target: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(storage.Path, "replace", full)
    with pytest.raises(CassetteError, match="cannot be continued: No space left on device"):
        CassetteWriter.append(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "second", [CassetteWriter.append, lambda path: CassetteWriter.create(path, force=True)]
)
def test_a_second_writer_is_refused_and_harms_nothing(path: Path, second: Open) -> None:
    with CassetteWriter.create(path) as first:
        first.write(FIRST[:2])
        # What lies there now may be half of what the first writer is about to write.
        with path.open("ab") as half:
            half.write(b'{"kind')
        before = path.read_bytes()
        with pytest.raises(CassetteError, match="is being written by another recorder: choose another file"):
            second(path)
        assert path.read_bytes() == before
    with CassetteWriter.create(path, force=True):
        pass


def test_an_appending_writer_is_alone_too(path: Path) -> None:
    save(path, FIRST)
    with CassetteWriter.append(path), pytest.raises(CassetteError, match="another recorder"):
        CassetteWriter.append(path)
    CassetteWriter.append(path).close()


def test_a_failed_write_leaves_nothing_of_it(path: Path) -> None:
    """With a real limit on the size of a file, in a process of its own."""
    program = f"""
import resource, signal, sys
from pathlib import Path
from cassettes.file.writer import CassetteWriter, FileState
from tests.cassettes.recorded import HEADER, chunk, end, request
import os
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with CassetteWriter.create(Path({str(path)!r})) as file:
    file.write([HEADER, request()])
    before = file.size
    resource.setrlimit(resource.RLIMIT_FSIZE, (before + 5000, resource.RLIM_INFINITY))
    for _ in range(2):
        try:
            file.write([chunk(), chunk(data=os.urandom(20_000))])
        except OSError as error:
            print(error.errno, file.size == before == Path({str(path)!r}).stat().st_size)
    file.write([chunk(data=b"small")])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    file.write([end()])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[3], capture_output=True, text=True, check=True
    )  # fmt: skip
    assert done.stdout == f"{errno.EFBIG} True\n" * 2
    assert records_of(path) == [HEADER, request(), chunk(data=b"small"), end()]


def test_half_a_line_that_could_not_be_taken_back_is_taken_back_later(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(descriptor: int, data: memoryview) -> int:
        if len(data) < 30:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real_write(descriptor, data[: len(data) // 2])

    def fail(_descriptor: int, _size: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    real_write = os.write
    with CassetteWriter.create(plain) as file:
        file.write(FIRST[:2])
        with monkeypatch.context() as broken:
            broken.setattr(writer.os, "write", half)
            broken.setattr(writer.os, "ftruncate", fail)
            for _ in range(2):  # the second one must not write behind the half line
                with pytest.raises(OSError, match="Input/output error"):
                    file.write(FIRST[2:3])
            assert plain.stat().st_size > file.size
        file.write(FIRST[2:])
    assert records_of(plain) == FIRST


def test_a_removed_file_is_noticed(path: Path) -> None:
    with CassetteWriter.create(path) as file:
        file.write(FIRST[:1])
        path.unlink()
        with pytest.raises(FileNotFoundError, match="the file was removed"):
            file.write(FIRST[1:])
    assert not path.exists()


def test_nothing_to_write_is_written(plain: Path) -> None:
    write(CassetteWriter.create(plain), [], [])
    assert plain.read_bytes() == b""


def test_a_killed_writer_leaves_whole_lines(path: Path) -> None:
    program = f"""
from pathlib import Path
from cassettes.file.writer import CassetteWriter, FileState
from tests.cassettes.recorded import HEADER, chunk, request
file = CassetteWriter.create(Path({str(path)!r}))
file.write([HEADER, request()])
print(flush=True)
while True:
    file.write([chunk()] * 10)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    with Cassette.open(path) as cassette:
        (exchange,) = cassette.exchanges()
    assert exchange.end.how == "unfinished"
    write(CassetteWriter.append(path), [HEADER, request(), response()])
    with Cassette.open(path) as cassette:
        assert len(cassette) == 2
        assert cassette.warnings == []


def test_a_removed_file_is_put_back(path: Path) -> None:
    with CassetteWriter.create(path) as file:
        file.write(FIRST[:2])
        path.unlink()
        assert file.state is FileState.REMOVED
        file.put_back()
        assert (file.state, file.place) == (FileState.UNTOUCHED, path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        file.write(FIRST[2:])
    assert records_of(path) == FIRST


def test_a_removed_file_is_put_beside_one_that_took_its_place(path: Path) -> None:
    with CassetteWriter.create(path) as file:
        file.write(FIRST[:2])
        path.unlink()
        path.write_text("mine")
        file.put_back()
        file.write(FIRST[2:])
    assert path.read_text() == "mine"
    assert file.path == path.with_name(f"recovered-{path.name}")
    assert records_of(file.path) == FIRST


def test_a_file_whose_folder_is_gone_cannot_be_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with CassetteWriter.create(folder / "a.jsonl") as file:
        file.write(FIRST[:2])
        shutil.rmtree(folder)
        with pytest.raises(FileNotFoundError):
            file.put_back()
        assert (file.state, file.place) == (FileState.REMOVED, None)
        folder.mkdir()
        file.put_back()
        file.write(FIRST[2:])
    assert records_of(folder / "a.jsonl") == FIRST


def test_a_renamed_file_is_found(path: Path) -> None:
    with CassetteWriter.create(path) as file:
        file.write(FIRST[:2])
        moved = path.rename(path.with_name("moved" + path.suffix))
        assert (file.state, file.place) == (FileState.UNTOUCHED, moved)


@pytest.mark.parametrize("left", [0, 5, 0.5, -1])
def test_a_truncated_file_is_gone_on_with_behind_its_whole_lines(path: Path, left: float) -> None:
    with CassetteWriter.create(path) as file:
        file.write(FIRST)
        whole = file.size
        file.write(SECOND)
        size = {0: 0, 5: 5, 0.5: (whole + file.size) // 2, -1: file.size - 1}[left]
        os.truncate(path, size)
        assert file.state is FileState.TRUNCATED
        before = file.size
        gone = file.start_over()
        assert (file.state, gone) == (FileState.UNTOUCHED, before - file.size)
        file.write(FIRST)
    kept = records_of(path)
    assert kept[-len(FIRST) :] == FIRST
    rest = kept[: -len(FIRST)]
    assert rest == [*FIRST, *SECOND][: len(rest)]
    assert (len(rest) >= len(FIRST)) == (left in {0.5, -1})
