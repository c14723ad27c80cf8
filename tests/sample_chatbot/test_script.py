from __future__ import annotations

import json

import pytest

from sample_chatbot import script
from sample_chatbot.request import ChatRequest, Message


def told(steps: list[script.ScriptStep]) -> list[tuple[str, dict[str, object]]]:
    return [(step.event.type, json.loads(step.event.data)) for step in steps]


def test_an_answer_has_six_events_in_order() -> None:  # TC-101, TC-104
    events = told(script.answer(ChatRequest("q")))
    assert [(kind, data.get("step"), data.get("progress")) for kind, data in events] == [
        ("progress", "initializing", 10),
        ("progress", "loading_documents", 25),
        ("progress", "analyzing", 50),
        ("progress", "generating_response", 75),
        ("result", None, None),
        ("complete", "complete", 100),
    ]


def test_every_progress_event_has_details() -> None:  # TC-103
    events = told(script.answer(ChatRequest("q")))
    assert all(data["details"] for kind, data in events if kind == "progress")


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 earlier messages"), (1, "1 earlier message "), (2, "2 earlier messages")]
)
def test_the_answer_mentions_the_query_and_the_history(count: int, words: str) -> None:  # TC-102
    history = tuple(Message("user", "x") for _ in range(count))
    response = script.result(ChatRequest("What about the JSE?", history))["response"]
    assert "What about the JSE?" in response
    assert words in response


def test_the_sources_are_of_all_three_types_and_have_titles() -> None:
    sources = script.result(ChatRequest())["sources"]
    assert [source["type"] for source in sources] == ["web", "document", "dataset"]
    assert all(source["title"] for source in sources)


def test_the_failing_script_is_the_one_of_the_scenario() -> None:  # TC-401
    assert told(script.failing(ChatRequest())) == [
        ("progress", {"step": "initializing", "message": "Starting...", "progress": 10}),
        ("error", {"error": "Simulated processing error: Document retrieval failed"}),
    ]


def test_the_silent_scripts_are_silent_for_as_long_as_the_contract_says() -> None:  # TC-502, TC-504
    silences = [
        (step.seconds, step.silent, step.event.type)
        for make in (script.timing_out, script.slow)
        for step in make(ChatRequest())[1:]
    ]
    assert silences == [(150, True, "complete"), (130, True, "result")]
