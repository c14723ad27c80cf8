"""Secrets that are known only after they were written."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cassettes.file.format_v1 import encode
from cassettes.file.reader import Cassette
from cassettes.file.writer import CassetteWriter
from cassettes.model import Header, Unknown
from cassettes.redaction.late_secrets import (
    FINISHED,
    copy_redacted,
    finished,
    redacted,
    unfinished,
    without_late_secrets,
)
from cassettes.redaction.redactor import Redactor
from tests.cassettes.recorded import chunk, end, request, response

KEY = b"a key that tests may keep secret"
SECRET = b"s3cr3tAbC42xQ"
HEADER = Header(version=1, created="now", recorder="r", extra={FINISHED: "on"})
EARLY = [
    request(0, 0, body=b"what is " + SECRET),
    response(0, 0),
    chunk(0, 1, b"data: it is " + SECRET[:5]),
    chunk(0, 2, SECRET[5:] + b" or " + base64.b64encode(SECRET) + b"\n\n"),
    end(0, 3),
]
LATE = [request(1, 4, body=b'{"password": "%s"}' % SECRET), end(1, 5)]


def written(path: Path, records: list) -> Redactor:
    redactor = Redactor(key=KEY)
    with CassetteWriter.create(path) as file:
        file.copy(redacted(records, redactor))
    return redactor


def lines(path: Path) -> bytes:
    with Cassette.open(path) as cassette:
        return encode(cassette.records())


@pytest.fixture(params=["late.jsonl", "late.jsonl.zst"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return tmp_path / str(request.param)


def test_it_is_replaced_wherever_it_was_written_before(path):
    redactor = written(path, [HEADER, *EARLY, *LATE])
    before = lines(path)
    assert SECRET in before
    draft = without_late_secrets(path, redactor)
    after = lines(draft)
    assert lines(path) == before
    assert len(after) == len(before)
    assert after.count(b"\n") == before.count(b"\n")
    for gone in (SECRET, SECRET[5:], base64.b64encode(SECRET)[:16]):
        assert gone in before
        assert gone not in after
    assert not list(path.parent.glob(".draft-.draft-*"))


def test_a_copy_has_no_late_secret(path):
    copy_redacted([HEADER, *EARLY, *LATE], path, Redactor(key=KEY))
    assert SECRET not in lines(path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_without_one_there_is_nothing_to_do(path):
    assert without_late_secrets(path, written(path, [HEADER, *LATE, *EARLY])) is None
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_what_is_kept_is_kept_at_last_too(path):
    from cassettes.redaction.rules import parse_rules  # noqa: PLC0415 - used here only

    keep = parse_rules(["regex:what is [a-zA-Z0-9]+"], "--keep")
    copy_redacted([HEADER, *EARLY, *LATE], path, Redactor((), keep, key=KEY))
    assert lines(path).count(SECRET) == 1


def test_what_was_recorded_before_stays(path):
    other = Header(version=1, created="earlier", recorder="r")
    with CassetteWriter.create(path) as file:
        file.copy([other, *EARLY])
    before = lines(path)
    redactor = Redactor(key=KEY)
    with CassetteWriter.append(path) as file:
        file.copy(redacted([HEADER, *EARLY, *LATE], redactor))
    after = lines(without_late_secrets(path, redactor, since=HEADER))
    assert after.startswith(before)
    assert SECRET not in after.removeprefix(before)


def test_a_recording_that_did_not_get_to_its_end_is_known():
    done = finished(9, Redactor(key=KEY))
    assert isinstance(done, Unknown)
    assert unfinished([HEADER, *EARLY, done]) == 0
    assert unfinished([HEADER, *EARLY]) == 1
    assert unfinished([HEADER, HEADER, *EARLY, done, HEADER]) == 2
    assert unfinished([Header(version=1, created="now", recorder="r"), *EARLY]) == 0
    assert list(redacted([done], Redactor(key=KEY))) == [done]
