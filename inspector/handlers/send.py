"""Sends a recorded request again, as it is or edited: to the replay, or to the chatbot that it was recorded from."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cassettes.model import Request
from foundation.http.urls import ORIGIN, target
from foundation.web.parameters import BadParameters, from_body
from inspector.handlers.action_handler import ActionHandler
from inspector.workspace.workspace import Workspace
from recorder.open_recording import without_credentials
from replayer.matching.options import HEADER_NAME

TARGET = re.compile(r"/[!-~]{0,8000}")
METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}")
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class RequestToSend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body: the request of the exchange `of`, in which what else is given takes the place of what was recorded."""

    of: Annotated[str, Meta(pattern=r"^\d{1,6}\.\d{1,9}$")]
    to: Literal["replay", "live"]
    method: str | UnsetType = UNSET
    target: str | UnsetType = UNSET
    headers: Annotated[list[tuple[str, str]], Meta(max_length=200)] | UnsetType = UNSET
    body: str | UnsetType = UNSET


class SentRequest(msgspec.Struct, frozen=True):
    """The id of the new exchange, whose response is recorded as it arrives."""

    id: str


class SendHandler(ActionHandler):
    """Sends a request, and answers with a SentRequest as soon as the request is recorded."""

    async def post(self) -> None:
        """Send the request of the body."""
        with self.refusing_errors():
            await self.workspace.open()
            wanted = from_body(RequestToSend, self.body)
            request = edited(recorded(self.workspace, wanted.of), wanted)
            origin = origin_for(self.workspace, request, wanted.to)
            sent = await self.workspace.send(request, origin)
        self.write(self.encoded(SentRequest(sent)))


def recorded(workspace: Workspace, id_: str) -> Request:
    """The recorded request of an exchange; raises Missing, CassetteError."""
    file, number = workspace.find(id_)
    return file.cassette.request(number)


def edited(request: Request, wanted: RequestToSend) -> Request:
    """The request with what a person changed; raises BadParameters for what no request can have."""
    changes: dict[str, object] = {}
    if isinstance(wanted.method, str):
        check("method", wanted.method, METHOD)
        changes["method"] = wanted.method
    if isinstance(wanted.target, str):
        check("target", wanted.target, TARGET)
        changes["url"] = origin_of(request) + wanted.target
    if not isinstance(wanted.headers, UnsetType):
        for name, value in wanted.headers:
            if not HEADER_NAME.fullmatch(name) or CONTROL.search(value):
                raise BadParameters(f"in the body: {name[:100]!r} is no header: write NAME: VALUE")
        changes["headers"] = tuple(wanted.headers)
    if isinstance(wanted.body, str):
        changes["body"] = wanted.body.encode("utf-8", "surrogatepass")
    return msgspec.structs.replace(request, **changes)


def check(name: str, value: str, pattern: re.Pattern[str]) -> None:
    """Raise BadParameters unless a value is as the pattern says."""
    if not pattern.fullmatch(value):
        raise BadParameters(f"in the body: `{name}` cannot be {value[:100]!r}")


def origin_for(workspace: Workspace, request: Request, to: Literal["replay", "live"]) -> str:
    """Where a request goes; raises BadParameters when there is no such place."""
    if to == "replay":
        if not workspace.replay_url:
            raise BadParameters("no replay runs here: send it to the live chatbot")
        return workspace.replay_url
    if not (origin := origin_of(request)):
        raise BadParameters(
            f"{target(request.url)[:100]} was recorded without its host: it can go to no chatbot"
        )
    return origin


def origin_of(request: Request) -> str:
    """The origin that a request was recorded for, without a user's password; "" where its url has none over HTTP."""
    found = ORIGIN.match(request.url)
    return without_credentials(found[0]) if found and found[0].startswith(("http://", "https://")) else ""
