"""Changes the status in what a poll returns, in the place and the spelling that the server has for it.

{"status": "running"}                              to failed     {"status": "failed"}
{"object": "response", "status": "completed"}      to running    {"object": "response", "status": "in_progress"}
{"status": "SUCCEEDED"}                            to failed     {"status": "FAILED"}
{"name": "operations/1", "done": true}             to running    {"name": "operations/1", "done": false}
"""

from __future__ import annotations

from typing import Any, Literal

from cassettes.views.job_states import status_of, status_place

RESULTS = ("result", "output")
"""Fields of a job's result."""

OBJECT = "object"
"""The field that names the type of OpenAI's objects; their jobs are `in_progress`, and their errors are objects."""


def tells_status(document: Any) -> bool:
    """Return whether a document is the state of a job, as far as its fields say."""
    return isinstance(document, dict) and ("status" in document or bool(status_of(document)))


def with_status(answer: dict[str, Any], status: Literal["running", "failed"], error: Any) -> dict[str, Any]:
    """Return what a poll returns with another status, an `error`, None for none, and no result; it may change it."""
    place = status_place(answer)
    if place is None and isinstance(answer.get("done"), bool):
        answer["done"] = status == "failed"
    else:
        holder, name = place or (answer, "status")
        word = "in_progress" if status == "running" and OBJECT in answer else status
        holder[name] = styled(word, holder.get(name))
    results = [name for name in RESULTS if name in answer] or ["result"]
    answer |= {name: [] if isinstance(answer.get(name), list) else None for name in results}
    return answer | {"last_error" if "last_error" in answer else "error": error}


def error_of(answer: dict[str, Any], message: str | None) -> Any:
    """Return an error with a message as the server writes it: OpenAI's is an object with a code, others a text."""
    if OBJECT not in answer:
        return message
    return {"code": "server_error", "message": message or "The server had an error"}


def styled(word: str, like: object) -> str:
    """Return a word in the case of another one: `FAILED` like `RUNNING`, `Failed` like `Running`."""
    if not isinstance(like, str) or not like:
        return word
    return word.upper() if like.isupper() else word.capitalize() if like[0].isupper() else word
