"""How to test the client of a chatbot against a recording of it, with the fixture `chatreel`.

Run it with `pytest examples`. `stream` and `job` are samples that ship with Chatreel; a cassette of your own is
a path, relative to the test's folder: `@pytest.mark.chatreel("cassettes/stream.jsonl")`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests

from chatreel.testing import Chatreel

QUESTION = "What are the key financial metrics?"
REQUEST = {"conversation_history": [], "auto_load_documents": True, "memory_enabled": True}


def ask(chatbot: str, question: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The client that is tested here: it asks and gives each event's name and data as they arrive."""
    body = {**REQUEST, "query": question}
    with requests.post(f"{chatbot}/api/v1/stream", json=body, stream=True, timeout=30) as response:
        response.raise_for_status()
        name = ""
        for line in response.iter_lines(decode_unicode=True):
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


@pytest.mark.chatreel("stream")
def test_the_answer_is_the_result(chatreel: Chatreel) -> None:
    """The marker says what is played, `chatreel.url` is where: as fast as the client takes it."""
    events = list(ask(chatreel.url, QUESTION))
    assert [name for name, _ in events] == ["progress"] * 4 + ["result", "complete"]
    assert "revenue grew by 8.2 %" in str(events[4][1]["response"])
    chatreel.assert_all_played()


def test_progress_never_goes_back(chatreel: Chatreel) -> None:
    """In place of the marker, a call; its options are those of `chatreel replay`."""
    replay = chatreel.replay("stream", speed=100, max_gap=0.5)
    progress = [data["progress"] for _, data in ask(replay.url, QUESTION) if "progress" in data]
    assert progress == [10, 25, 50, 75, 100]


@pytest.mark.chatreel("job")
def test_each_client_has_a_job_of_its_own(chatreel: Chatreel) -> None:
    """Every client gets cookies and ids of its own, and its own place in the recording."""
    body = {**REQUEST, "query": "Deep analysis request"}
    jobs = set()
    for _ in range(2):
        with requests.Session() as client:
            job = client.post(f"{chatreel.url}/api/v1/stream?mode=job", json=body, timeout=30).json()
            poll = client.get(chatreel.url + job["polling_url"], timeout=30).json()
        assert (poll["job_id"], poll["status"]) == (job["job_id"], "running")
        jobs.add(job["job_id"])
    assert len(jobs) == len(chatreel.sessions) == 2


@pytest.mark.chatreel("stream", allow_misses=True)
def test_what_was_not_recorded_is_an_error_of_the_chatbot(chatreel: Chatreel) -> None:
    """A request that was not recorded gets 501, and fails the test unless it is allowed."""
    with pytest.raises(requests.HTTPError, match="501"):
        list(ask(chatreel.url, "And what was never asked?"))
    [miss] = chatreel.misses
    assert [difference.what for difference in miss.nearest[0].differences] == ["body /query"]
