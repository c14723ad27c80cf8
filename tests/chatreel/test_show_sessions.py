from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatreel.main import run
from tests.cassettes.recorded import HEADER, save
from tests.cassettes.talk import Talk
from tests.chatreel.test_show import EVIL, on_terminal, show


@pytest.fixture
def path(tmp_path: Path) -> Path:
    talk = Talk()
    talk.add(
        "/chat",
        body={"query": "hi"},
        gives=["s=sess-0001-and-more", "lb=w1"],
        answer={"job_id": "job_ab12cd34"},
    )
    talk.add("/health", answer={"status": "healthy"})
    talk.add("/jobs/job_ab12cd34", cookies="s=sess-0001-and-more; lb=w1", gives=["s=sess-0002-and-more"])
    return save(tmp_path / "a.jsonl", [HEADER, *talk.records()])


def test_each_session_has_its_exchanges_and_tokens(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show(capsys, path, "--sessions") == [
        "session 0",
        "#\tmethod\ttarget\tstatus",
        "0\tPOST\t/chat\t200",
        "2\tGET\t/jobs/job_ab12cd34\t200",
        "token\tissued\tsent\tvalues",
        "sess-000…\tcookie s\tcookie s\t2",
        "job_ab…\tbody /job_id\tpath 2\t1",
        "session 1",
        "#\tmethod\ttarget\tstatus",
        "1\tGET\t/health\t200",
    ]


def test_sessions_as_json_are_an_object_a_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = map(json.loads, show(capsys, path, "--sessions", "--json"))
    assert first == {
        "session": 0,
        "exchanges": [0, 2],
        "tokens": [
            {"issued": ["cookie s"], "sent": ["cookie s"], "count": 2, "values": ["sess-000…", "sess-000…"]},
            {"issued": ["body /job_id"], "sent": ["path 2"], "count": 1, "values": ["job_ab…"]},
        ],
    }
    assert second == {"session": 1, "exchanges": [1], "tokens": []}


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_sessions_fit_the_terminal(path: Path, columns: int) -> None:
    lines = on_terminal(columns, path, "--sessions")
    assert max(map(len, lines)) <= columns
    assert lines[0] == "session 0"
    if columns >= 80:
        assert [line.split() for line in lines[4:6]] == [
            ["token", "issued", "sent", "values"],
            ["sess-000…", "cookie", "s", "cookie", "s", "2"],
        ]


@pytest.mark.parametrize("arguments", [["--sessions"], ["--sessions", "--json"]])
def test_recorded_text_is_never_executed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    talk = Talk()
    talk.add(f"/{EVIL}", method=EVIL, gives=[f"{EVIL}=sess-0001"])
    talk.add("/a", cookies=f"{EVIL}=sess-0001")
    path = save(tmp_path / "a.jsonl", [HEADER, *talk.records()])
    output = "".join(show(capsys, path, *arguments))
    assert output.replace("\t", "").isprintable()


def test_sessions_of_a_cassette_without_exchanges_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(capsys, save(tmp_path / "a.jsonl", [HEADER]), "--sessions") == []


def test_one_exchange_has_no_sessions_to_show(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", str(path), "1", "--sessions"]) == 2
    assert capsys.readouterr().err == "chatreel: --sessions shows all of them: leave out the 1\n"
