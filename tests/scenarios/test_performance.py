from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

from tests.scenarios.stage import PACE, Stage, on

FAST = 0.004
SLOW = 0.015
"""So that 10 s of the document, as before a time-out, outlast a busy machine's hiccups."""


@on("chatbot", "replay")
def test_tc_501_polling_timeout(stage: Stage) -> None:
    times = ["--poll-interval", str(10 * PACE), "--max-poll-time", str(30 * PACE)]
    said = stage.client("?mode=job", "Long running job", *times)
    assert re.findall(r"^Poll attempt (.*)$", said.log, re.MULTILINE) == ["1/3", "2/3", "3/3"]
    assert said.log.endswith("❌ Job polling timeout\n")
    assert said.blocks()[-1] == ("ERROR", {"error": "Job polling timeout exceeded"})
    assert said.code == 1


@on("chatbot", "replay", pace=FAST)
def test_tc_502_slow_response_handling(stage: Stage) -> None:
    said = stage.client("/timeout", "Slow response", "--stream-timeout", str(300 * FAST))
    assert [title for title, _ in said.blocks()] == ["PROGRESS", "COMPLETE"]
    assert said.code == 1  # the answer is still missing


@on("chatbot", "replay", pace=SLOW)
def test_tc_502_slow_response_times_out(stage: Stage) -> None:
    said = stage.client("/timeout", "Slow response", "--stream-timeout", str(120 * SLOW))
    assert said.blocks()[-1] == ("ERROR", {"error": "Stream ended prematurely"})
    assert "❌ Chunked encoding error: " in said.log
    assert said.code == 1


@on("chatbot", "replay")
def test_tc_503_concurrent_requests(stage: Stage) -> None:
    queries = ["Request 1", "Request 2", "Request 3"]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda query: stage.ask("", query), queries))
    for query, answer in zip(queries, answers, strict=True):
        assert [event.type for event in answer] == [*["progress"] * 4, "result", "complete"]
        assert re.findall(r"Request \d", json.loads(answer[-2].data)["response"]) == [query]


@on("chatbot", "replay", pace=SLOW)
def test_tc_504_heartbeat_mechanism(stage: Stage) -> None:
    said = stage.client("/slow", "Slow stream", "--heartbeat-after", str(120 * SLOW))
    assert [title for title, _ in said.blocks()] == ["PROGRESS", "HEARTBEAT", "RESULT"]
    assert said.code == 0
