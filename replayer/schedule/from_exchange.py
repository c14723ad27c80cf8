"""Turns a recorded exchange into a schedule."""

from __future__ import annotations

from cassettes.model import Exchange, How
from replayer.schedule.actions import Action, Data, Ending, Finish, Head, Schedule
from replayer.schedule.recorded_head import http1_headers, http1_version

ENDINGS: dict[How, Ending] = {
    "complete": "complete",
    "server-closed": "close",
    "reset": "reset",
    # What the server would have sent after that was never seen. Closing tells the client that it is missing.
    "client-closed": "close",
    "unfinished": "close",
    "error": "close",
}


def schedule_of(exchange: Exchange) -> Schedule:
    """What was recorded of a response, at its recorded times.

    An exchange without a response is a connection that closes (or is reset) without an answer. What was
    recorded before the whole request had arrived is due at 0; a time that runs backwards is held.
    """
    actions: list[Action] = []
    latest = 0

    def offset(at: int) -> int:
        nonlocal latest
        latest = max(latest, at - exchange.request.at)
        return latest

    response = exchange.response
    if response is not None:
        headers, http = http1_headers(exchange, response), http1_version(response)
        actions.append(Head(offset(response.at), response.status, response.reason, headers, http))
    actions += [Data(offset(chunk.at), chunk.data) for chunk in exchange.chunks if chunk.data]
    how = ENDINGS[exchange.end.how] if response is not None or exchange.end.how == "reset" else "close"
    return (*actions, Finish(offset(exchange.end.at), how))
