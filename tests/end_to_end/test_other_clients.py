"""The matrix: other people's clients hear of a recording and of its replays what they hear of the chatbot itself.

They judge the readers, too: what Chatreel reads in a recorded answer is what its protocol's own client heard.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cassettes.answers.answer_reading import answer_of
from cassettes.answers.protocol_end import completed
from cassettes.file.reader import Cassette
from chatreel.main import run
from chatreel.workflows.recording_proxy import capture
from tests.cassettes.answers.conversations_of_protocols import ARGUMENTS, PROTOCOLS, TEXT, TOOL
from tests.end_to_end.chatbots_of_protocols import Chatbots
from tests.end_to_end.conftest import replayed
from tests.end_to_end.other_clients import CLIENTS, Heard

pytestmark = pytest.mark.timeout(300)
"""The clients alone take many seconds to import on a busy machine."""

BY_NAME = pytest.mark.parametrize("name", CLIENTS)
WHOLE = Heard(TEXT, [(TOOL, ARGUMENTS)])

CHANGES = {
    "a number": {"text": TEXT.replace("12 %", "21 %")},
    "a unit": {"text": TEXT.replace("9.9 million", "9.9 billion")},
    "the opposite": {"text": TEXT.replace("grew", "fell")},
    "a negation": {"text": TEXT.replace("did not fall", "did fall")},
    "a name": {"text": TEXT.replace("Acme", "Beta")},
    "another answer": {"text": "I am sorry, but I cannot help with that."},
}  # fmt: skip


class Recorded(NamedTuple):
    """The cassette of all clients, and what each heard while it was recorded, or why there is no such client."""

    path: Path
    heard: dict[str, Heard | str]


@pytest.fixture(scope="module")
def chatbots() -> Iterator[Chatbots]:
    with Chatbots().running() as chatbots:
        yield chatbots


@pytest.fixture(scope="module")
def recorded(chatbots, tmp_path_factory) -> Recorded:
    path = tmp_path_factory.mktemp("clients") / "clients.jsonl"
    heard: dict[str, Heard | str] = {}
    with capture(chatbots.url, path, print) as proxy:
        for name, ask in CLIENTS.items():
            try:
                heard[name] = ask(proxy)
            except pytest.skip.Exception as missing:
                heard[name] = str(missing)
    return Recorded(path, heard)


@pytest.fixture
def heard(recorded, name) -> Heard:
    found = recorded.heard[name]
    if isinstance(found, str):
        pytest.skip(found)
    return found


def answers(path: Path, name: str) -> list[Any]:
    with Cassette.open(path) as cassette:
        exchanges = [one for one in cassette.exchanges() if one.request.url.split("/")[3] == name]
        assert {completed(one).end.how for one in exchanges} == {"complete"}
        return [answer for one in exchanges if (answer := answer_of(one)) and answer.says_something]


@BY_NAME
def test_a_client_hears_the_same_direct_and_while_it_is_recorded(chatbots, heard, name):
    expected = WHOLE if "tool" in PROTOCOLS[name].has else Heard(TEXT, [])
    assert heard == expected
    assert CLIENTS[name](chatbots.url) == expected


@BY_NAME
def test_what_is_read_in_a_recording_is_what_its_client_heard(recorded, heard, name):
    (answer,) = answers(recorded.path, name)
    assert (answer.protocol, answer.ended) == (name, True)
    assert Heard(answer.text, [(call.name, call.arguments) for call in answer.tool_calls]) == heard


@pytest.fixture(scope="module")
def replays(recorded) -> Iterator[list[str]]:
    """Replays of the cassette, one at its own speed and one at once."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(replayed(recorded.path, speed)) for speed in (1, math.inf)]


@BY_NAME
def test_a_client_hears_the_same_of_replays(replays, heard, name):
    assert [CLIENTS[name](origin) for origin in replays] == [heard, heard]


def test_unchanged_chatbots_are_the_same_and_changed_ones_are_not(chatbots, recorded, capsys):
    def differences(**changes: Any) -> tuple[int, set[str]]:
        chatbots.changes = changes
        try:
            code = run(["diff", str(recorded.path), "--live", chatbots.url, "--json"])
        finally:
            chatbots.changes = {}
        found = json.loads(capsys.readouterr().out)
        return code, {one["request"].split("/")[1] for one in found["differences"]}

    for _ in range(2):
        assert differences() == (0, set())
    asked = {name for name, heard in recorded.heard.items() if isinstance(heard, Heard)}
    for change, values in CHANGES.items():
        assert differences(**values) == (1, asked), change
