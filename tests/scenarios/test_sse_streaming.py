from __future__ import annotations

import json

from tests.scenarios.stage import Stage, on

HISTORY = [
    {"role": "user", "content": "What is the stock market?"},
    {"role": "assistant", "content": "The stock market is..."},
]


@on("chatbot", "replay")
def test_tc_101_basic_sse_stream(stage: Stage) -> None:
    said = stage.client("", "What are the key financial metrics?")
    blocks = said.blocks()
    steps = [(title, data.get("step"), data.get("progress")) for title, data in blocks]
    assert steps == [
        ("PROGRESS", "initializing", 10),
        ("PROGRESS", "loading_documents", 25),
        ("PROGRESS", "analyzing", 50),
        ("PROGRESS", "generating_response", 75),
        ("RESULT", None, None),
        ("COMPLETE", "complete", 100),
    ]
    result = dict(blocks)["RESULT"]
    assert result["response"].startswith("Based on my analysis")
    assert result["sources"]
    assert "Total events received: 6\nResult found: True\nError occurred: False\n" in said.out
    assert said.code == 0


@on("chatbot", "replay")
def test_tc_102_sse_with_conversation_history(stage: Stage) -> None:
    history = stage.folder / "history.json"
    history.write_text(json.dumps(HISTORY))
    said = stage.client("", "What about the JSE specifically?", "--history", str(history))
    stage.assert_server_logs("Conversation history: 2 messages")
    assert "2 earlier messages" in dict(said.blocks())["RESULT"]["response"]


@on("chatbot", "replay")
def test_tc_103_sse_progress_details(stage: Stage) -> None:
    said = stage.client("", "Analyze company XYZ", "--verbose")
    details = [data["details"] for title, data in said.blocks() if title == "PROGRESS"]
    assert None not in details
    assert details[1] == {
        "documents_found": 12,
        "sources": ["Annual Report 2023", "Q3 Financial Statement"],
    }


@on("chatbot", "replay")
def test_tc_104_sse_event_ordering(stage: Stage) -> None:
    output = stage.folder / "output.json"
    stage.client("", "Test ordering", "--save-output", str(output))
    events = json.loads(output.read_text())

    progress_events = [e for e in events if e["event"] == "progress"]
    progress_values = [json.loads(e["data"])["progress"] for e in progress_events]
    assert progress_values == sorted(progress_values), "Progress not monotonic!"
    assert progress_values

    result_idx = next(i for i, e in enumerate(events) if e["event"] == "result")
    complete_idx = next(i for i, e in enumerate(events) if e["event"] == "complete")
    assert result_idx < complete_idx, "Result must come before complete!"
