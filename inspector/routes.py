"""The inspector's paths: the page under /inspect/, and what it asks for under /inspect/api/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from foundation.web.guard import Guard
from foundation.web.parameters import Question
from inspector.handlers.changes import ChangesHandler
from inspector.handlers.export import ExportHandler
from inspector.handlers.page import STATIC, IndexHandler, PageHandler, StaticHandler
from inspector.handlers.uploads import ImportHandler
from inspector.handlers.views import ViewHandler
from inspector.views import exchange
from inspector.views.diff import diff
from inspector.views.exchanges import exchanges
from inspector.views.job import job
from inspector.views.overview import overview
from inspector.views.parameters import DiffQuestion, ExchangesQuestion, PageQuestion
from inspector.views.sessions import session, sessions
from inspector.workspace.workspace import Inspection

type View = Callable[..., Awaitable[Any]]

ID = r"(\d{1,6}\.\d{1,9})"

VIEWS: dict[str, tuple[View, type[Question]]] = {
    "overview": (overview, Question),
    "exchanges": (exchanges, ExchangesQuestion),
    f"exchange/{ID}": (exchange.exchange, Question),
    f"exchange/{ID}/moments": (exchange.moments, PageQuestion),
    f"exchange/{ID}/moment/(\\d{{1,9}})": (exchange.moment, Question),
    f"exchange/{ID}/chunks": (exchange.chunks, PageQuestion),
    f"job/{ID}": (job, Question),
    "sessions": (sessions, PageQuestion),
    f"session/{ID}": (session, Question),
    "diff": (diff, DiffQuestion),
}
"""What can be asked for with GET, by its path under /inspect/api/."""


def rules(inspection: Inspection, guard: Guard) -> list[tuple[Any, ...]]:
    """The paths, for a Tornado application."""
    given = {"inspection": inspection, "guard": guard}
    # The page holds no secret, and a browser asks for it without a token.
    page = {"guard": msgspec.structs.replace(guard, token="")}
    return [
        *(
            (f"/inspect/api/{path}", ViewHandler, {**given, "view": view, "asks": asks})
            for path, (view, asks) in VIEWS.items()
        ),
        (r"/inspect/api/changes", ChangesHandler, given),
        (r"/inspect/api/export", ExportHandler, given),
        (r"/inspect/api/import", ImportHandler, given),
        (r"/inspect/api/.*", ViewHandler, {**given, "view": None, "asks": Question}),
        (r"/inspect/static/(.*)", StaticHandler, {**page, "path": str(STATIC)}),
        (r"/inspect/", IndexHandler, {**page, "path": str(STATIC)}),
        (r"/(?:inspect)?", PageHandler, {**page}),
    ]
