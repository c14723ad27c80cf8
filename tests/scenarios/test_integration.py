from __future__ import annotations

import itertools
import json
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

EVENT = re.compile(r"Frontend yielding event: progress with data: (\{.*\})$")
STATE = re.compile(r"Streaming store updating progress: (\{.*\})$")
"""What the page's console says of a progress event, and of the state that it leads to."""

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
    progress_advances(flow)
    the_final_response_is_displayed(flow)
    the_response_is_saved(flow)
    there_are_no_console_errors(flow)
    has_in_order(
        flow.log,
        r"Deep chat stream view called$",
        r"Deep chat request - Query: What are the key metrics",
        r"Starting event stream for deep chat$",
        r"✅ Cookies received from chatbot: \{'session_id': '.+'\}$",
        r"Yielding to frontend - event: progress$",
        r"Yielding to frontend - event: result$",
        r"Saving Chat Message$",
    )
    has_in_order(
        flow.console,
        r"Frontend received chunk: event: progress",
        r"Frontend yielding event: progress with data: \{",
        r"Streaming store updating progress: \{",
        r"Setting final response - event: result",
    )


@TARGETS
@DATABASES
def test_tc_602_full_platform_flow_job_polling(stage: Stage, target: Target, database: Database) -> None:
    flow = stage.flow(target, "?mode=job", database)
    progress_advances(flow)
    the_final_response_is_displayed(flow)
    the_response_is_saved(flow)
    there_are_no_console_errors(flow)
    has_in_order(
        flow.log,
        r"✅ Cookies received from chatbot: \{'session_id': '.+'\}$",
        r"Job created, polling http://.+/jobs/job_\w+$",
        r"🔑 Sending cookies with polling request: \{'session_id': '.+'\}$",
        r"Polling attempt 1/150$",
        r"Job status: running \(50%\)$",
        r"Job status: succeeded \(100%\)$",
        r"Saving Chat Message$",
    )
    cookies = {line.partition(": ")[2] for line in flow.log if "ookies" in line}
    assert len(cookies) == 1
    polls = [line for line in flow.log if line.startswith("Polling attempt")]
    assert polls == [f"Polling attempt {number}/150" for number in (1, 2, 3, 4)]


def test_tc_602_the_platform_polls_every_two_seconds(platform: Platform) -> None:
    from django.conf import settings  # noqa: PLC0415 - Django must be set up first

    assert (settings.CHATBOT_POLL_INTERVAL, settings.MAX_POLL_TIMEOUT_SECONDS) == (2.0, 300.0)


@TARGETS
def test_tc_603_database_persistence(stage: Stage, target: Target) -> None:
    flow = stage.flow(target, "", "SQLite")
    the_response_is_saved(flow)
    assert flow.row["date_created"]
    [chat] = re.findall(r"\?chat=([-\w]+)", flow.address)
    assert uuid.UUID(str(flow.row["chat_session_id"])) == uuid.UUID(chat)
    assert flow.owner == flow.user


@TARGETS
def test_tc_604_frontend_state_management(stage: Stage, target: Target) -> None:
    flow = stage.flow(target, "", "SQLite")
    initial, *updates, final = flow.states
    assert initial == {"isStreaming": True, "progress": 0, "message": "Starting...", "step": "start"}
    assert updates == [{"isStreaming": True, **step} for step in STEPS]
    assert "8.2 %" in final["response"]
    assert final == {"isStreaming": False, "progress": 100, "response": final["response"], "step": "complete"}
    transitions_match_the_events(flow)


@TARGETS
def test_tc_604_by_polling(stage: Stage, target: Target) -> None:
    flow = stage.flow(target, "?mode=job", "SQLite")
    initial, *updates, final = flow.states
    assert (initial["progress"], initial["step"]) == (0, "start")
    assert [state["progress"] for state in updates] == [25, 50, 75, 100]
    assert all(state["isStreaming"] for state in updates)
    assert final == {"isStreaming": False, "progress": 100, "response": final["response"], "step": "complete"}
    transitions_match_the_events(flow)


# The criteria, in the document's words.


def progress_advances(flow: Flow) -> None:
    """Progress indicators appear, and progress advances through steps.

    The page draws as often as the browser likes, so that it may pass over a step.
    """
    events = {update["progress"] for update in flow.states[:-1]}
    assert flow.progress[0] == 0
    assert len(flow.progress) > 1
    assert flow.progress == sorted(events.intersection(flow.progress))


def the_final_response_is_displayed(flow: Flow) -> None:
    """The final response displays in the chat."""
    assert f'what I found about "{QUERY}"' in flow.answer
    assert "Annual Report 2023" in flow.answer


def the_response_is_saved(flow: Flow) -> None:
    """The response is saved to the database, as the page has it."""
    assert (flow.row["query_str"], flow.row["response_str"]) == (QUERY, flow.states[-1]["response"])


def there_are_no_console_errors(flow: Flow) -> None:
    """The browser's console has no error and no warning, and no exception was left to it."""
    assert flow.console_errors == []


def transitions_match_the_events(flow: Flow) -> None:
    """Each progress event is followed, before the next one, by the store's state with what it says."""
    lines = [line for line in flow.console if EVENT.match(line) or STATE.match(line)]
    assert len(lines) == 2 * len(flow.states[1:-1])
    for line, after in itertools.pairwise(lines):
        if event := EVENT.match(line):
            data = json.loads(event[1])
            state = STATE.match(after)
            assert state, after
            told = json.loads(state[1])
            assert {name: told[name] for name in ("progress", "message", "step")} == {
                name: data[name] for name in ("progress", "message", "step")
            }


def has_in_order(lines: list[str], *patterns: str) -> None:
    """Hold lines to patterns, each of which begins a line after the one before it."""
    rest = iter(lines)
    for pattern in patterns:
        assert any(re.match(pattern, line) for line in rest), f"{pattern} is not in its place in {lines}"
