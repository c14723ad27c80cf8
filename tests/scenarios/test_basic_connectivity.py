from __future__ import annotations

import json

from tests.scenarios.stage import Stage, on


@on("chatbot", "replay")
def test_tc_001_health_check(stage: Stage) -> None:
    body, status = stage.curl("/health", "-w", "\n%{http_code}").rsplit("\n", 1)
    assert status == "200"
    health = json.loads(body)
    assert health["status"] == "healthy"
    assert set(health) == {"status", "timestamp", "active_jobs"}


@on("chatbot", "replay")
def test_tc_002_endpoint_availability(stage: Stage) -> None:
    body = stage.post("/api/v1/stream", '{"query": "test"}')
    assert body.startswith(("event:", "data:"))
