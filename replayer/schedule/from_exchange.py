"""Makes a schedule of a recorded exchange."""

from __future__ import annotations

from cassettes.answers.protocol_end import completed
from cassettes.model import Exchange, How, Response
from foundation.http.headers import first
from replayer.schedule.actions import Action, Data, Ending, Finish, Head, Schedule
from replayer.schedule.error_responses import report
from replayer.schedule.recorded_head import http1_headers, http1_version

ENDINGS: dict[How, Ending] = {
    "complete": "complete",
    "server-closed": "close",
    "reset": "reset",
    # What the server would have sent next was not seen. Closing the connection tells the client that it is missing;
    # where the last event by the protocol was seen, nothing is, and the exchange counts as complete.
    "client-closed": "close",
    "unfinished": "close",
    "error": "close",
}


def schedule_of(exchange: Exchange) -> Schedule:
    """Return the recorded response as actions at their recorded times, counted from the end of the request.

    For an exchange without a response, the connection closes, or is reset. What was recorded before the request had
    ended is due at 0. A time before that of the previous action becomes that of the previous action:

        request at 100, head at 90, chunk at 130, chunk at 120    actions at 0, 30, 30

    A status below 200 is no response to wait for: after it, client and server went on in another protocol, which is not
    replayed, or the response was never recorded. The client is told so.
    """
    exchange = completed(exchange)
    response = exchange.response
    if response is not None and response.status < 200:
        return report(501, {"error": unplayable(response)}, close=True)
    actions: list[Action] = []
    latest = 0

    def offset(at: int) -> int:
        nonlocal latest
        latest = max(latest, at - exchange.request.at)
        return latest

    if response is not None:
        headers, http = http1_headers(exchange, response), http1_version(response)
        actions.append(Head(offset(response.at), response.status, response.reason, headers, http))
    actions += [Data(offset(chunk.at), chunk.data) for chunk in exchange.chunks if chunk.data]
    how = ENDINGS[exchange.end.how] if response is not None or exchange.end.how == "reset" else "close"
    return (*actions, Finish(offset(exchange.end.at), how, exchange.end.trailers))


def unplayable(response: Response) -> str:
    """Return why a recorded status below 200 cannot be replayed, for a person."""
    if response.status == 101:
        protocol = first(response.headers, "upgrade", "another protocol")
        return f"the recorded response switched to {protocol}, which chatreel cannot replay"
    return f"the recording has the interim response {response.status} only, and no response after it"
