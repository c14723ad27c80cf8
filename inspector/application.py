"""The inspector's paths: the page under /inspect/, and what it asks for under /inspect/api/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from inspector import views
from inspector.asking import DiffQuestion, ExchangesQuestion, PageQuestion
from inspector.changes import ChangesHandler
from inspector.conversations import session, sessions
from inspector.differing import diff
from inspector.exporting import ExportHandler
from inspector.handlers import ViewHandler
from inspector.importing import ImportHandler
from inspector.inspection import Inspection
from inspector.pages import STATIC, IndexHandler, PageHandler, StaticHandler
from inspector.polls import job
from inspector.searching import exchanges
from replayer.admin.guard import Guard
from replayer.admin.questions import Question

type View = Callable[..., Awaitable[Any]]

ID = r"(\d{1,6}\.\d{1,9})"

VIEWS: dict[str, tuple[View, type[Question]]] = {
    "overview": (views.overview, Question),
    "exchanges": (exchanges, ExchangesQuestion),
    f"exchange/{ID}": (views.exchange, Question),
    f"exchange/{ID}/moments": (views.moments, PageQuestion),
    f"exchange/{ID}/moment/(\\d{{1,9}})": (views.moment, Question),
    f"exchange/{ID}/chunks": (views.chunks, PageQuestion),
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
