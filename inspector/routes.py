"""The inspector's paths: the page under /inspect/, and its JSON API under /inspect/api/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from foundation.web.guard import Guard
from foundation.web.parameters import Parameters
from inspector.handlers.changes import ChangesHandler
from inspector.handlers.export import ExportHandler
from inspector.handlers.page import STATIC, IndexHandler, PageHandler, StaticHandler
from inspector.handlers.recording_switch import RecordingHandler
from inspector.handlers.send import SendHandler
from inspector.handlers.upload_handlers import ImportHandler
from inspector.handlers.views import ViewHandler
from inspector.views import exchange
from inspector.views.answer import answer
from inspector.views.diff import diff
from inspector.views.exchanges import exchanges
from inspector.views.filter_words import filter_words
from inspector.views.job import job
from inspector.views.overview import overview
from inspector.views.parameters import BodyParameters, DiffParameters, PageParameters, TableParameters
from inspector.views.pytest_module import session_test
from inspector.views.sessions import session, sessions
from inspector.workspace.workspace import Workspace

type View = Callable[..., Awaitable[Any]]

ID = r"(\d{1,6}\.\d{1,9})"

VIEWS: dict[str, tuple[View, type[Parameters]]] = {
    "overview": (overview, Parameters),
    "exchanges": (exchanges, TableParameters),
    "filter-words": (filter_words, Parameters),
    f"exchange/{ID}": (exchange.exchange, Parameters),
    f"exchange/{ID}/answer": (answer, Parameters),
    f"exchange/{ID}/moments": (exchange.moments, PageParameters),
    f"exchange/{ID}/moment/(\\d{{1,9}})": (exchange.moment, Parameters),
    f"exchange/{ID}/chunks": (exchange.chunks, PageParameters),
    f"exchange/{ID}/body": (exchange.body, BodyParameters),
    f"job/{ID}": (job, Parameters),
    "sessions": (sessions, PageParameters),
    f"session/{ID}": (session, Parameters),
    f"session/{ID}/test": (session_test, Parameters),
    "diff": (diff, DiffParameters),
}
"""The views that GET reads, by their paths under /inspect/api/, with the type of their parameters."""


def rules(workspace: Workspace, guard: Guard) -> list[tuple[Any, ...]]:
    """The rules for a Tornado application."""
    arguments = {"workspace": workspace, "guard": guard}
    # The page holds no secret, and a browser asks for it without a token.
    page = {"guard": msgspec.structs.replace(guard, token="")}
    return [
        *(
            (f"/inspect/api/{path}", ViewHandler, {**arguments, "view": view, "parameters": parameters})
            for path, (view, parameters) in VIEWS.items()
        ),
        (r"/inspect/api/changes", ChangesHandler, arguments),
        (r"/inspect/api/export", ExportHandler, arguments),
        (r"/inspect/api/import", ImportHandler, arguments),
        (r"/inspect/api/send", SendHandler, arguments),
        (r"/inspect/api/recording", RecordingHandler, arguments),
        (r"/inspect/api/.*", ViewHandler, {**arguments, "view": None, "parameters": Parameters}),
        (r"/inspect/static/(.*)", StaticHandler, {**page, "path": str(STATIC)}),
        (r"/inspect/", IndexHandler, {**page, "path": str(STATIC)}),
        (r"/(?:inspect)?", PageHandler, {**page}),
    ]
