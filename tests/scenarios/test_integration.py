from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext

from tests.sample_platform.running import Platform
from tests.scenarios.platform_stage import QUERY, Database, Flow, Stage, Target

STEPS = [
    {"progress": 10, "message": "Reading the question...", "step": "initializing"},
    {"progress": 25, "message": "Loading relevant documents...", "step": "loading_documents"},
    {"progress": 50, "message": "Analyzing financial data...", "step": "analyzing"},
    {"progress": 75, "message": "Writing the answer...", "step": "generating_response"},
]

TARGETS = pytest.mark.parametrize("target", ["chatbot", "replay"])
DATABASES = pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])


@pytest.fixture(scope="module")
def stage(
    platform: Platform, context: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    stage = Stage(platform, context, tmp_path_factory.mktemp("scenarios"))
    yield stage
    stage.close()


@TARGETS
@DATABASES
def test_tc_601_full_platform_flow_sse(stage: Stage, target: Target, database: Database) -> None:
    flow = stage.flow(target, "", database)
    assert_complete(flow)
    assert_in_order(
        flow.log,
        r"Deep chat stream view called$",
        r"Deep chat request - Query: What are the key metrics",
        r"Starting event stream for deep chat$",
        r"✅ Cookies received from chatbot: \{'session_id': '.+'\}$",
        r"Yielding to frontend - event: progress$",
        r"Yielding to frontend - event: result$",
        r"Saving Chat Message$",
    )
    assert_in_order(
        flow.console,
        r"Frontend received chunk: event: progress",
        r"Frontend yielding event: progress with data: \{",
        r"Streaming store updating progress: \{",
        r"Setting final response - event: result",
    )


@TARGETS
@DATABASES
def test_tc_602_full_platform_flow_job_polling(stage: Stage, target: Target, database: Database) -> None:
    """The document names the cookies before the attempt that they are sent with; here they come after it."""
    flow = stage.flow(target, "?mode=job", database)
    assert_complete(flow)
    assert_in_order(
        flow.log,
        r"✅ Cookies received from chatbot: \{'session_id': '.+'\}$",
        r"Polling attempt 1/150$",
        r"🔑 Sending cookies with polling request: \{'session_id': '.+'\}$",
        r"Job status: running \(50%\)$",
        r"Job status: succeeded \(100%\)$",
        r"Saving Chat Message$",
    )
    cookies = {line.partition(": ")[2] for line in flow.log if "ookies" in line}
    assert len(cookies) == 1


def test_tc_602_the_platform_polls_every_two_seconds(platform: Platform) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django must be set up first

    assert (settings.CHATBOT_POLL_INTERVAL, settings.MAX_POLL_TIMEOUT_SECONDS) == (2.0, 300.0)


@TARGETS
def test_tc_603_database_persistence(stage: Stage, target: Target) -> None:
    flow = stage.flow(target, "", "SQLite")
    assert flow.row["query_str"] == QUERY
    assert flow.row["response_str"] == flow.states[-1]["response"]
    assert flow.row["date_created"]
    [chat] = re.findall(r"\?chat=([-\w]+)", flow.address)
    assert uuid.UUID(str(flow.row["chat_session_id"])) == uuid.UUID(chat)
    assert flow.owner == flow.user


@TARGETS
def test_tc_604_frontend_state_management(stage: Stage, target: Target) -> None:
    flow = stage.flow(target, "", "SQLite")
    *before, final = flow.states
    assert before == [
        {"isStreaming": True, "progress": 0, "message": "Starting...", "step": "start"},
        *({"isStreaming": True, **step} for step in STEPS),
    ]
    assert "8.2 %" in final["response"]
    assert final == {"isStreaming": False, "progress": 100, "response": final["response"], "step": "complete"}


def assert_complete(flow: Flow) -> None:
    """What TC-601 and TC-602 expect of the page and of the database."""
    shown = {0, *(step["progress"] for step in STEPS), 100}
    assert flow.progress[0] == 0
    assert len(flow.progress) > 1
    assert flow.progress == sorted(shown.intersection(flow.progress))
    assert f'what I found about "{QUERY}"' in flow.answer
    assert "Annual Report 2023" in flow.answer
    assert flow.complaints == []
    assert (flow.row["query_str"], flow.row["response_str"]) == (QUERY, flow.states[-1]["response"])


def assert_in_order(lines: list[str], *patterns: str) -> None:
    """Hold lines to patterns, each of which begins a line after the one before it."""
    rest = iter(lines)
    for pattern in patterns:
        assert any(re.match(pattern, line) for line in rest), f"{pattern} is not in its place in {lines}"
