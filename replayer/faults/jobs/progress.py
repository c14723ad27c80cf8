"""Changes the progress in a job's status, in each of the forms that servers give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cassettes.views.job_states import number


def change_progress(answer: dict[str, Any], change: Callable[[float], float]) -> dict[str, Any]:
    """Return the status with its progress changed. With a `change` to 0:

    {"progress": 40}                                         {"progress": 0}
    {"latest_progress": {"progress": 40, "stage": "s"}}      {"latest_progress": {"progress": 0, "stage": "s"}}
    {"progress": [{"progress": 10}, {"progress": 40}]}       {"progress": [{"progress": 10}, {"progress": 0}]}
    """
    return answer | {
        name: changed(answer[name], change) for name in ("latest_progress", "progress") if name in answer
    }


def changed(progress: Any, change: Callable[[float], float]) -> Any:
    """Return a number changed, or an object's or a list's last item's; anything else is returned as it is."""
    if isinstance(progress, list) and progress:
        return [*progress[:-1], changed(progress[-1], change)]
    if isinstance(progress, dict) and "progress" in progress:
        return progress | {"progress": changed(progress["progress"], change)}
    percent = number(progress)
    return progress if percent is None else change(percent)
