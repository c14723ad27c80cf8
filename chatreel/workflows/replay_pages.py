"""The inspector on the admin listener of a replay."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chatreel.cli.common_options import url
from foundation.sockets import Address, reachable
from foundation.web.guard import Guard
from replayer.server import Pages

PATHS = r"/(?:inspect(?:/.*)?)?"
"""What the inspector answers of the admin listener's paths."""


@contextlib.contextmanager
def replay_pages(cassettes: Sequence[Path], *, token_needed: bool) -> Iterator[Pages]:
    """The inspector's pages on these cassettes while the context lasts; it begins to work at the first request."""
    with contextlib.ExitStack() as stack:

        def pages(guard: Guard, replay: Address) -> list[tuple[Any, ...]]:
            from foundation.web.late_routes import LateRoutes, Open  # noqa: PLC0415 - it imports Tornado

            def load() -> Open:
                from inspector import server  # noqa: PLC0415 - it takes a quarter of a second

                workspace = server.open_workspace(
                    cassettes, replay_url=url(*reachable(replay)), token_needed=token_needed
                )
                return lambda: server.application(stack.enter_context(workspace), guard)

            return [(PATHS, LateRoutes(load))]

        yield pages
