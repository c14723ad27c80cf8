"""A recording of three clients is played to two hundred at once, each as if it were alone with the chatbot."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from urllib3 import HTTPResponse

from cassettes.file.reader import Cassette
from chatreel.workflows.recording_proxy import proxy_for
from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SYSTEM
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent
from recorder.open_recording import open_recording
from replayer.responder import ReplayOptions
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

QUESTIONS = ["What about the JSE?", "And what about bonds?"]
JOB = re.compile(r"job_[0-9a-f]{16}")
COOKIE = re.compile(r"(?:session_id|AWSALB|AWSALBCORS)=([^;,]+)")


class Seen(NamedTuple):
    """What one client saw: the events of each conversation, its jobs and the values of its cookies."""

    conversations: list[list[ClientEvent]]
    jobs: set[str]
    cookies: set[str]


def read_ahead(response: requests.Response) -> bytes:
    """The body, which the client can still read itself."""
    raw = response.raw
    body: bytes = raw.read()
    response.raw = HTTPResponse(
        io.BytesIO(body),
        raw.headers,
        raw.status,
        preload_content=False,
        original_response=raw._original_response,
    )
    raw.release_conn()
    return body


def converse(origin: str) -> Seen:
    jobs: set[str] = set()
    cookies: set[str] = set()

    def note(response: requests.Response, **_: object) -> None:
        body = read_ahead(response)
        jobs.update(JOB.findall(f"{response.url} {body.decode()}"))
        for cookie in response.raw.headers.getlist("Set-Cookie"):
            cookies.update(COOKIE.findall(cookie))
        sent = COOKIE.findall(response.request.headers.get("Cookie", ""))
        assert cookies.issuperset(sent)

    with requests.Session() as session:
        session.hooks["response"].append(note)
        client = PlatformClient(f"{origin}/api/v1/stream?mode=job", poll_interval=0.001, session=session)
        conversations = [list(client.send(question)) for question in QUESTIONS]
    return Seen(conversations, jobs, cookies)


@pytest.fixture(scope="module", params=["redacted", "unredacted"])
def cassette(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp(request.param) / "recording.jsonl"
    settings = ChatbotSettings(pace=0, workers_cookie=True, strict_sessions=True, polling_url="absolute")
    rules = () if request.param == "redacted" else None
    with Threaded(lambda: server.run(settings)) as origin:
        recorder = open_recording(path, upstream=origin, rules=rules, clock=SYSTEM, report=print)
        with proxy_for(recorder, origin, print) as proxy, ThreadPoolExecutor(3) as pool:
            recorded = list(pool.map(converse, [proxy] * 3))
    text = path.read_text()
    found = sum(cookie in text for seen in recorded for cookie in seen.cookies)
    assert found == (0 if rules is not None else sum(len(seen.cookies) for seen in recorded))
    return path


def test_each_of_many_clients_has_a_whole_conversation_of_its_own(cassette, replay) -> None:
    count = 200 if cassette.parent.name.startswith("redacted") else 20
    origin = replay(cassette, options=ReplayOptions(seed=5, lost_session="401"))
    with ThreadPoolExecutor(count) as pool:
        seen = list(pool.map(converse, [origin] * count))

    for client in seen:
        for events, question in zip(client.conversations, QUESTIONS, strict=True):
            assert [event.type for event in events] == ["progress"] * 4 + ["result"]
            assert [json.loads(event.data)["progress"] for event in events[:4]] == [25, 50, 75, 100]
            assert question in json.loads(events[4].data)["response"]
        assert len(client.jobs) == 2
        assert len(client.cookies) == 11  # one session, and a balancer's value for each response
    assert set(Counter(job for client in seen for job in client.jobs).values()) == {1}
    assert set(Counter(cookie for client in seen for cookie in client.cookies).values()) == {1}
    with Cassette.open(cassette) as recorded:
        given = "".join(str(one.response.headers) for one in recorded.exchanges() if one.response)
    assert not [cookie for client in seen for cookie in client.cookies if cookie in given]
