"""Changes the progress in a poll's answer, in each of the forms that servers give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cassettes.views.jobs import number


def change_progress(answer: dict[str, Any], change: Callable[[float], float]) -> dict[str, Any]:
    """The answer with another percentage."""
    return answer | {
        name: changed(answer[name], change) for name in ("latest_progress", "progress") if name in answer
    }


def changed(progress: Any, change: Callable[[float], float]) -> Any:
    """A number itself, the one of an object, or that of the last item of a list; anything else stays."""
    if isinstance(progress, list) and progress:
        return [*progress[:-1], changed(progress[-1], change)]
    if isinstance(progress, dict) and "progress" in progress:
        return progress | {"progress": changed(progress["progress"], change)}
    percent = number(progress)
    return progress if percent is None else change(percent)
