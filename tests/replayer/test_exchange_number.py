from __future__ import annotations

import contextlib
import json

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from replayer.exchange_number import ExchangeId, read_id, write_id
from replayer.responder import Pace
from replayer.server import ReplaySettings
from tests.replayer.conftest import Replay

COUNTS = (3, 2)
"""Exchanges of the two files."""


@given(st.builds(ExchangeId, st.integers(0, 10**15 - 1), st.integers(0, 10**9 - 1)))
def test_what_is_written_is_read_again(exchange):
    assert read_id(write_id(exchange)) == exchange


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15", ExchangeId(15)),
        ("0.15", ExchangeId(15)),
        ("2.15", ExchangeId(15, 2)),
        ("2.007", ExchangeId(7, 2)),
    ],
)
def test_an_id_is_a_number_with_or_without_its_file(text, expected):
    assert read_id(text) == expected


@pytest.mark.parametrize(
    "text", ["", ".", "1.", ".1", "-1", "1.2.3", "1,2", " 1", "one", "1e3", "٣", "9" * 16]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="is no exchange; write 15"):
        read_id(text)


@pytest.fixture
def two_files(write_cassette, make_exchange):
    """A replay of two files, whose exchanges all have a path of their own, and of these paths as often as asked."""
    paths = [
        write_cassette(
            *(make_exchange(url=f"http://h/{file}/{number}") for number in range(count)),
            name=f"{file}.jsonl",
        )
        for file, count in enumerate(COUNTS)
    ]
    settings = ReplaySettings(listen=("127.0.0.1", 0), admin=("127.0.0.1", 0), pace=Pace(speed=float("inf")))
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(Replay(paths, settings))


def admin(replay, method, path, **options):
    host, port = replay.admin_address
    response = requests.request(method, f"http://{host}:{port}{path}", timeout=10, **options)
    assert response.ok, response.text
    return response.json() if response.content else None


def ask_all(replay):
    """The status of each exchange by its id, as the journal has it."""
    admin(replay, "DELETE", "/journal")
    for file, count in enumerate(COUNTS):
        for number in range(count):
            replay.ask(f"GET /{file}/{number} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    return {entry["exchange"]: entry["status"] for entry in admin(replay, "GET", "/journal")["entries"]}


def test_the_journals_number_given_to_a_fault_hits_exactly_that_exchange(two_files):
    ids = list(ask_all(two_files))
    assert ids == ["0.0", "0.1", "0.2", "1.0", "1.1"]
    for chosen in ids:
        admin(
            two_files, "PUT", "/faults", data=json.dumps({"faults": [f"status code=418 exchange={chosen}"]})
        )
        assert ask_all(two_files) == {one: 418 if one == chosen else 200 for one in ids}


def test_exchanges_and_misses_are_named_by_the_same_ids(two_files):
    listed = admin(two_files, "GET", "/exchanges")["exchanges"]
    assert [(one["number"], one["exchange"]) for one in listed] == list(
        enumerate(["0.0", "0.1", "0.2", "1.0", "1.1"])
    )
    two_files.ask(b"GET /1/1?more HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    miss = admin(two_files, "GET", "/misses")["misses"][0]
    assert miss["exchange"] is None
    assert miss["nearest"][0]["exchange"] == "1.1"
    assert "nearest is exchange 1.1 of 1.jsonl" in two_files.said[-1]
