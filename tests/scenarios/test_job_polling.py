from __future__ import annotations

import json
import re

from foundation.clock import SYSTEM
from tests.scenarios.stage import PACE, Stage, on


@on("chatbot", "replay")
def test_tc_201_basic_job_polling(stage: Stage) -> None:
    created = stage.create_job()
    assert created["job_id"].startswith("job_")
    assert created["status"] == "pending"
    assert created["polling_url"] == f"/jobs/{created['job_id']}"

    said = stage.client("?mode=job", "Deep analysis request", "--expect-job")
    assert re.findall(r"^Job status: (.*)$", said.log, re.MULTILINE) == [
        "running (25%)",
        "running (50%)",
        "running (75%)",
        "succeeded (100%)",
    ]
    assert "Deep analysis request" in dict(said.blocks())["RESULT"]["response"]
    assert said.code == 0
    assert "✅ Cookies received: {'session_id': '" in said.log
    assert "🔑 Sending cookies: {'session_id': '" in said.log


@on("chatbot", "replay")
def test_tc_202_job_status_progression(stage: Stage) -> None:
    """The third poll is at 75 %: of TC-201's four polls and this one's three, the contract has four."""
    job = stage.create_job()["job_id"]
    polls = []
    for _ in range(4):
        polls.append(json.loads(stage.curl(f"/jobs/{job}", "-b", "cookies.txt")))
        SYSTEM.sleep(2 * PACE)
    assert [(poll["status"], poll["latest_progress"]["progress"]) for poll in polls] == [
        ("running", 25),
        ("running", 50),
        ("running", 75),
        ("succeeded", 100),
    ]
    assert [poll["result"] is not None for poll in polls] == [False, False, False, True]


def assert_the_job_is_found(stage: Stage) -> None:
    said = stage.client("?mode=job", "Where?")
    assert re.search(
        rf"^Job created, polling {re.escape(stage.origin)}/jobs/job_\w+$", said.log, re.MULTILINE
    )
    assert said.code == 0


@on("chatbot", "replay", polling_url="relative")
def test_tc_203_a_relative_polling_url(stage: Stage) -> None:
    assert stage.create_job()["polling_url"].startswith("/jobs/job_")
    assert_the_job_is_found(stage)


@on("chatbot", "replay", polling_url="absolute")
def test_tc_203_b_absolute_polling_url(stage: Stage) -> None:
    assert stage.create_job()["polling_url"].startswith(f"{stage.origin}/jobs/job_")
    assert_the_job_is_found(stage)


@on("chatbot", "replay", polling_url="none")
def test_tc_203_c_no_polling_url(stage: Stage) -> None:
    assert "polling_url" not in stage.create_job()
    assert_the_job_is_found(stage)


@on("chatbot", "replay")
def test_tc_204_job_completion_detection(stage: Stage) -> None:
    times = ["--poll-interval", str(PACE), "--max-poll-time", str(150 * PACE)]
    said = stage.client("?mode=job", "Quick job", "--verbose", *times)
    attempts = re.findall(r"^Poll attempt (.*)$", said.log, re.MULTILINE)
    assert attempts == ["1/150", "2/150", "3/150", "4/150"]
    assert said.log.endswith("✅ Job finished with status: succeeded\n")
    assert said.code == 0
