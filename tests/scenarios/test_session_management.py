from __future__ import annotations

import re

from tests.scenarios.stage import Stage, on

SET_COOKIE = re.compile(r"(?im)^< Set-Cookie: session_id=\S+; HttpOnly; Path=/; SameSite=Lax\r?$")


@on("chatbot", "replay")
def test_tc_301_cookie_setting_sse_mode(stage: Stage) -> None:
    assert SET_COOKIE.search(stage.post("/api/v1/stream", '{"query": "test"}', "-v"))


@on("chatbot", "replay")
def test_tc_302_cookie_setting_job_mode(stage: Stage) -> None:
    assert SET_COOKIE.search(stage.post("/api/v1/stream?mode=job", '{"query": "test"}', "-v"))


@on("chatbot", "replay")
def test_tc_303_cookie_persistence_across_polls(stage: Stage) -> None:
    said = stage.client("?mode=job", "Session test", "--verbose")
    received = re.search(r"^✅ Cookies received: ({'session_id': '(.+)'})$", said.log, re.MULTILINE)
    assert received
    assert f"✅ Session cookies: {received[1]}\n" in said.log
    assert re.findall(r"^🔑 Sending cookies: (.*)$", said.log, re.MULTILINE) == [received[1]] * 4
    assert said.log.count("📥 Poll response status: 200\n") == 4
    if stage.server_log is not None:
        sessions = [line for line in stage.server_log if line.startswith("Session: ")]
        assert sessions == [f"Session: '{received[2]}'"] * 5


def poll_without_cookie(stage: Stage) -> str:
    job = stage.create_job()["job_id"]
    return stage.curl(f"/jobs/{job}", "-o", "answer.json", "-w", "%{http_code}")


@on("chatbot", "replay")
def test_tc_304_session_mismatch_handling(stage: Stage) -> None:
    assert poll_without_cookie(stage) == "200"
    stage.assert_server_logs("⚠️ Session mismatch!")


@on("chatbot", "replay", strict_sessions=True)
def test_tc_304_session_mismatch_in_production(stage: Stage) -> None:
    assert poll_without_cookie(stage) == "401"
    stage.assert_server_logs("401 Session expired")
