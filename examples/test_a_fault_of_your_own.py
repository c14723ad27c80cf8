"""How to break the answers of a chatbot in a test: with the faults of Chatreel, and with one of your own.

Run it with `pytest examples`. `shout.py` beside this file has the fault; `chatreel replay stream --fault-module
examples/shout.py --fault shout` plays it to any client.
"""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
import requests

from chatreel.testing import Chatreel

REQUEST = {
    "query": "What are the key financial metrics?",
    "conversation_history": [],
    "auto_load_documents": True,
    "memory_enabled": True,
}


def answer(chatbot: str) -> bytes:
    """The whole answer of the chatbot."""
    return requests.post(f"{chatbot}/api/v1/stream", json=REQUEST, timeout=30).content


@pytest.mark.chatreel("stream", fault_module="shout.py", faults=["shout nth=1"])
def test_a_fault_of_your_own(chatreel: Chatreel) -> None:
    """The module is found as a cassette is; after its limits, all is as recorded."""
    loud, plain = answer(chatreel.url), answer(chatreel.url)
    assert loud == plain.upper() != plain
    assert [entry.faults for entry in chatreel.journal] == [["shout nth=1"], []]


@pytest.mark.chatreel("job", faults=["forget-job from-poll=2"])
def test_a_job_is_lost_between_two_polls(chatreel: Chatreel) -> None:
    """The incident: the second poll comes to a worker that does not know the job."""
    with requests.Session() as client:
        question = {**REQUEST, "query": "Deep analysis request"}
        job = client.post(f"{chatreel.url}/api/v1/stream?mode=job", json=question, timeout=30).json()
        polling_url = urljoin(chatreel.url, job["polling_url"])
        polls = [client.get(polling_url, timeout=30) for _ in range(2)]
    assert [poll.status_code for poll in polls] == [200, 404]


@pytest.mark.chatreel("stream")
def test_faults_while_a_test_runs(chatreel: Chatreel) -> None:
    """What is set holds for the requests that come then."""
    chatreel.faults = ["drop-event type=progress"]
    assert answer(chatreel.url).count(b"event: ") == 2
    chatreel.faults = []
    assert answer(chatreel.url).count(b"event: ") == 6
