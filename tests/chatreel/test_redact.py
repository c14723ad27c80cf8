from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.model import AnyRecord, Chunk, Header, Request, Response, Unknown
from chatreel.main import run
from tests.cassettes.recorded import HEADER, chunk, end, request, response, save, whole

COOKIE = "c0ffee5e5510n1d0123456789"
TOKEN = "Zx81kQp7vT2mLw9R"
MAIL = "jane.doe@example.com"

SECRETIVE: list[AnyRecord] = [
    HEADER,
    Request(
        exchange=0,
        at=0,
        method="POST",
        url=f"http://h/a?api_key={TOKEN}",
        http="1.1",
        headers=(("Authorization", f"Bearer {TOKEN}"), ("X-Note", "kept")),
        body=json.dumps({"password": TOKEN, "query": f"write to {MAIL}"}).encode(),
    ),
    Response(exchange=0, at=1, status=200, reason="OK", headers=(("Set-Cookie", f"session_id={COOKIE}; Path=/"),)),
    # The session's id again, in a body and straddling two chunks.
    Chunk(exchange=0, at=2, data=b'{"session": "' + COOKIE[:9].encode()),
    Chunk(exchange=0, at=3, data=COOKIE[9:].encode() + b'"}'),
    end(0, 4),
]  # fmt: skip


@pytest.fixture(params=["out.jsonl", "out.jsonl.zst"])
def out(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return tmp_path / str(request.param)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return save(tmp_path / "in.jsonl", SECRETIVE)


def records_of(path: Path) -> list[AnyRecord]:
    with Cassette.open(path) as cassette:
        return list(cassette.records())


def plain_bytes(path: Path) -> bytes:
    """What is on disk; the lines of a compressed cassette, byte for byte."""
    return path.read_bytes() if path.suffix == ".jsonl" else encode(records_of(path))


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line that says why."""
    assert run(["redact", *map(str, arguments)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("chatreel: ")
    assert output.err.count("\n") == 1
    return output.err


def test_no_secret_is_left_on_disk(source: Path, out: Path) -> None:
    assert run(["redact", str(source), str(out)]) == 0
    data = plain_bytes(out)
    for secret in (COOKIE, COOKIE[:9], COOKIE[9:], TOKEN):
        assert secret.encode() not in data
    assert MAIL.encode() in data  # which is a secret only when asked
    assert b"kept" in data


def test_what_is_left_is_the_same_recording(source: Path, out: Path) -> None:
    run(["redact", str(source), str(out)])
    with Cassette.open(source) as before, Cassette.open(out) as after:
        (was,), (now) = before.exchanges(), after.exchange(0)
        assert after.headers == before.headers
    assert [len(piece.data) for piece in now.chunks] == [len(piece.data) for piece in was.chunks]
    assert [piece.at for piece in now.chunks] == [2, 3]
    assert (now.end, len(now.request.url), len(now.request.body)) == (
        was.end,
        len(was.request.url),
        len(was.request.body),
    )
    assert now.response is not None
    session = now.response.headers[0][1].partition("=")[2].partition(";")[0]
    assert json.loads(now.body) == {"session": session}  # the value still links up


def test_rules_replace_more(source: Path, out: Path) -> None:
    assert run(["redact", str(source), str(out), "--redact", "email", "--redact", "header:X-Note"]) == 0
    assert MAIL.encode() not in plain_bytes(out)
    assert b"kept" not in plain_bytes(out)


def test_the_copy_is_private(source: Path, out: Path) -> None:
    source.chmod(0o644)
    run(["redact", str(source), str(out)])
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(out.parent.iterdir()) == sorted([source, out])


def test_what_is_unknown_survives(tmp_path: Path, out: Path) -> None:
    unknown = Unknown(kind="later", extra={"exchange": 0, "note": [1, None]})
    extended = Header(version=1, created="", recorder="", extra={"colour": "blue"})
    records = [extended, request(), unknown, response(), chunk(), end(), unknown]
    assert run(["redact", str(save(tmp_path / "in.jsonl", records)), str(out)]) == 0
    assert records_of(out) == records


def test_a_cassette_without_secrets_stays_as_it_is(tmp_path: Path) -> None:
    source = save(tmp_path / "in.jsonl", [HEADER, *whole(0), *whole(1, 10)])
    run(["redact", str(source), str(tmp_path / "out.jsonl")])
    assert (tmp_path / "out.jsonl").read_bytes() == source.read_bytes()


def test_a_value_has_one_stand_in_in_all_recordings_of_a_file(tmp_path: Path, out: Path) -> None:
    source = save(tmp_path / "in.jsonl", [*SECRETIVE, *SECRETIVE])
    assert run(["redact", str(source), str(out)]) == 0
    with Cassette.open(out) as cassette:
        assert len(cassette.headers) == 2
        first, second = cassette.exchanges()
    assert COOKIE.encode() not in plain_bytes(out)
    assert first.body == second.body


def test_what_is_held_back_at_the_end_of_a_recording_is_written(tmp_path: Path, out: Path) -> None:
    """A recording that was killed while a secret may have begun, and another one behind it."""
    killed = SECRETIVE[:-2]
    assert run(["redact", str(save(tmp_path / "in.jsonl", [*killed, *killed])), str(out)]) == 0
    with Cassette.open(out) as cassette:
        assert [len(exchange.body) for exchange in cassette.exchanges()] == [13 + 9] * 2
        assert [exchange.end.how for exchange in cassette.exchanges()] == ["unfinished"] * 2


def test_a_torn_line_is_left_out_and_said(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = save(tmp_path / "in.jsonl", encode([HEADER, *whole()]) + f'{{"token":"{TOKEN}'.encode())
    assert run(["redact", str(source), str(out)]) == 0
    assert capsys.readouterr().err == f"chatreel: {source}: left out the last line, which a crash tore\n"
    assert records_of(out) == [HEADER, *whole()]


def test_an_older_copy_is_replaced_only_by_force(
    source: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out.write_bytes(b"older")
    assert f"{out} exists: --force replaces it" in refused(capsys, source, out)
    assert out.read_bytes() == b"older"
    assert run(["redact", str(source), str(out), "--force"]) == 0
    assert len(records_of(out)) == len(SECRETIVE)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no cassette",
        encode(SECRETIVE) + b"broken\n",
        encode(SECRETIVE) + b'{"kind":"request","exchange":1}\n',  # which the index passes
    ],
)
def test_a_broken_cassette_costs_no_older_copy(
    tmp_path: Path, out: Path, capsys: pytest.CaptureFixture[str], broken: bytes
) -> None:
    source = save(tmp_path / "in.jsonl", broken)
    assert str(source) in refused(capsys, source, out)
    assert sorted(tmp_path.iterdir()) == [source]
    out.write_bytes(b"older")
    assert str(source) in refused(capsys, source, out, "--force")
    assert out.read_bytes() == b"older"
    assert sorted(tmp_path.iterdir()) == sorted([source, out])


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_cassette_is_never_its_own_copy(
    source: Path, capsys: pytest.CaptureFixture[str], force: tuple[str, ...]
) -> None:
    before = source.read_bytes()
    link = source.with_name("link.jsonl")
    link.symlink_to(source)
    for target in (source, source.parent / "." / source.name, link):
        assert "is FILE itself: choose another OUT" in refused(capsys, source, target, *force)
    assert source.read_bytes() == before


def test_errors_are_one_line(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.jsonl"
    assert "no such sample" in refused(capsys, "nosuch", out)
    assert "there is no folder" in refused(capsys, source, tmp_path / "missing" / "out.jsonl")
    assert "bogus" in refused(capsys, source, out, "--redact", "bogus")
    assert "is a directory" in refused(capsys, source, tmp_path)
    assert sorted(tmp_path.iterdir()) == [source]


def test_a_sample_can_be_redacted(out: Path) -> None:
    assert run(["redact", "stream", str(out)]) == 0
    assert records_of(out)


def test_what_is_left_is_listed_and_not_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = save(tmp_path / "in.jsonl", SECRETIVE), tmp_path / "out.jsonl"
    assert run(["redact", "--check", str(source)]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        "exchange 0, request url: api key",
        "exchange 0, request header Authorization: access token",
        "exchange 0, request body: password",
        "exchange 0, response header Set-Cookie: cookie",
        "exchange 0, response body: known value",
    ]
    assert TOKEN not in told.out + told.err
    assert COOKIE not in told.out + told.err
    assert run(["redact", str(source), str(out)]) == 0
    capsys.readouterr()
    assert run(["redact", "--check", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert run(["redact", "--check", "--redact", "email", str(out)]) == 1
    assert capsys.readouterr().out == "exchange 0, request body: email\n"


def test_what_is_kept_is_not_replaced_and_not_listed(tmp_path: Path) -> None:
    source, out = save(tmp_path / "in.jsonl", SECRETIVE), tmp_path / "out.jsonl"
    keep = ["--keep", "name:api_key", "--keep", "header:authorization", "--keep", "name:password"]
    assert run(["redact", *keep, str(source), str(out)]) == 0
    text = plain_bytes(out)
    assert text.count(b"?api_key=" + TOKEN.encode()) == 1
    assert b'"Bearer ' + TOKEN.encode() in text
    assert run(["redact", "--check", str(out)]) == 1
    assert run(["redact", "--check", *keep, str(out)]) == 0


def test_how_many_values_of_which_kinds_were_replaced_is_said(tmp_path, source, capsys) -> None:
    assert run(["redact", str(source), str(tmp_path / "out.jsonl")]) == 0
    assert capsys.readouterr().err == (
        "chatreel: replaced 4 values: 1 access token, 1 api key, 1 cookie, 1 password\n"
    )


def test_words_of_an_answer_that_were_replaced_are_warned_of(tmp_path, capsys) -> None:
    words = [
        chunk(0, at, b'data: {"password": "%s"}\n\n' % word)
        for at, word in enumerate(b"this is what you asked".split())
    ]
    source = save(tmp_path / "in.jsonl", [HEADER, request(0, 0), response(0, 0), *words, end(0, 9)])
    assert run(["redact", str(source), str(tmp_path / "out.jsonl")]) == 0
    told = capsys.readouterr().err
    assert "words of one answer were replaced, because their name is 'password'" in told
    assert "--keep name:password keeps them" in told
    assert run(["redact", str(source), str(tmp_path / "kept.jsonl"), "--keep", "name:password"]) == 0
    assert b"asked" in (tmp_path / "kept.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--check", "OUT"], "--check writes nothing"),
        (["--check", "--force"], "--check writes nothing"),
        ([], "name OUT"),
        (["OUT", "--keep", "nonsense"], "--keep nonsense: no such rule"),
        (["OUT", "--redact", "name:a b"], "--redact name:a b: not the name of a field"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, source, capsys, arguments, says) -> None:
    out = str(tmp_path / "out.jsonl")
    assert says in refused(capsys, source, *(out if one == "OUT" else one for one in arguments))
    assert not Path(out).exists()
