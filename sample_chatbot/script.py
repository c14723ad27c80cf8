"""The contents of the chatbot's responses: lists of steps, without sockets and clocks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from cassettes.framings.event import Event
from sample_chatbot.request import ChatRequest


class ScriptStep(NamedTuple):
    """An event that is sent after `seconds` of work (at pace 1), with heartbeats meanwhile unless `silent`."""

    seconds: float
    event: Event
    silent: bool = False


HEARTBEAT = Event(type="heartbeat", data="{}")


def event(kind: str, **data: Any) -> Event:
    """An event with JSON data."""
    return Event(type=kind, data=json.dumps(data, ensure_ascii=False))


def answer(request: ChatRequest) -> list[ScriptStep]:
    """Four steps of progress, the result, and the end."""
    return [
        *working([initializing(request), *research()]),
        ScriptStep(1, event("result", **result(request))),
        ScriptStep(0, event("complete", **complete())),
    ]


def failing(_request: ChatRequest) -> list[ScriptStep]:
    """One step of progress, then an error."""
    progress = {"step": "initializing", "message": "Starting...", "progress": 10}
    error = {"error": "Simulated processing error: Document retrieval failed"}
    return [*working([progress]), ScriptStep(1, event("error", **error))]


def timing_out(_request: ChatRequest) -> list[ScriptStep]:
    """One event, then a silence that is longer than most time-outs, then the end."""
    progress = {"step": "initializing", "message": "Starting...", "progress": 10}
    return [*working([progress]), ScriptStep(150, event("complete", **complete()), silent=True)]


def slow(_request: ChatRequest) -> list[ScriptStep]:
    """One event, then a silence that is longer than the platform's heartbeat, then the result."""
    return [*working([{"progress": 10}]), ScriptStep(130, event("result", response="Done"), silent=True)]


def working(steps: Iterable[dict[str, Any]]) -> list[ScriptStep]:
    """Steps of progress: the first at once, each other after a second of work."""
    return [ScriptStep(min(place, 1), event("progress", **step)) for place, step in enumerate(steps)]


def initializing(request: ChatRequest) -> dict[str, Any]:
    """The first progress of a stream."""
    return {
        "step": "initializing",
        "message": "Reading the question...",
        "progress": 10,
        "details": {
            "query_length": len(request.query),
            "history_messages": len(request.conversation_history),
        },
    }


def research() -> list[dict[str, Any]]:
    """The steps that a stream and a job have in common, at 25, 50 and 75 percent."""
    return [
        {
            "step": "loading_documents",
            "message": "Loading relevant documents...",
            "progress": 25,
            "details": {
                "documents_found": 12,
                "sources": ["Annual Report 2023", "Q3 Financial Statement"],
            },
        },
        {
            "step": "analyzing",
            "message": "Analyzing financial data...",
            "progress": 50,
            "details": {"metrics_analyzed": 15, "total_metrics": 30},
        },
        {
            "step": "generating_response",
            "message": "Writing the answer...",
            "progress": 75,
            "details": {"sections_written": 2, "total_sections": 3},
        },
    ]


def complete() -> dict[str, Any]:
    """The data of the last event, which never has the result."""
    return {"progress": 100, "message": "Analysis complete", "step": "complete"}


def result(request: ChatRequest) -> dict[str, Any]:
    """The data of the result, with one source of each type."""
    history = len(request.conversation_history)
    return {
        "response": (
            f'Based on my analysis of 12 documents, this is what I found about "{request.query}": '
            f"revenue grew by 8.2 % (R 11.5 bn → R 12.4 bn) while the operating margin stayed at 31 %. "
            f"I took {history} earlier {plural(history, 'message')} of our conversation into account."
        ),
        "sources": [
            {"type": "web", "title": "Market overview", "url": "https://example.org/market-overview"},
            {"type": "document", "title": "Annual Report 2023", "page": 42},
            {"type": "dataset", "title": "Quarterly figures", "rows": 128},
        ],
        "metadata": {
            "documents_analyzed": 12,
            "history_messages": history,
            "auto_load_documents": request.auto_load_documents,
            "memory_enabled": request.memory_enabled,
        },
    }


def plural(count: int, noun: str) -> str:
    """The noun in the number that a count needs."""
    return noun if count == 1 else f"{noun}s"
