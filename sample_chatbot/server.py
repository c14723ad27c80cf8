"""The sample chatbot as a server on the running event loop."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from foundation.clock import SYSTEM, Clock
from foundation.sockets import listen, port_of
from foundation.timers import open_timers
from sample_chatbot import handlers, script
from sample_chatbot.chatbot import Chatbot, log
from sample_chatbot.job_store import JobStore
from sample_chatbot.settings import ChatbotSettings

MAX_BODY = 1 << 20
"""The longest request body, in bytes."""


@contextlib.asynccontextmanager
async def run(
    settings: ChatbotSettings,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    clock: Clock = SYSTEM,
    random: random.Random = random.SystemRandom(),  # noqa: B008 - it has no state
) -> AsyncIterator[str]:
    """Run a chatbot while the context lasts; gives its origin, and ends every open stream at the end.

    Port 0 takes a free one. Ids and cookies come from `random`. Raises ServerError when the address is taken.
    """
    with contextlib.closing(open_timers(clock)) as timers:
        chatbot = Chatbot(settings, JobStore(random), clock, timers, random)
        server = HTTPServer(application(chatbot), max_body_size=MAX_BODY)
        sockets = listen((host, port), "--listen")
        server.add_sockets(sockets)
        try:
            yield origin(host, port_of(sockets))
        finally:
            server.stop()
            await server.close_all_connections()


def application(chatbot: Chatbot) -> Application:
    """The application with the endpoints of the contract."""
    stream = "/api/v1/stream"
    return Application(
        [
            (stream, handlers.ChatHandler, {"script": script.answer}),
            (f"{stream}/error", handlers.StreamHandler, {"script": script.failing}),
            (f"{stream}/timeout", handlers.StreamHandler, {"script": script.timing_out}),
            (f"{stream}/slow", handlers.StreamHandler, {"script": script.slow}),
            ("/health", handlers.HealthHandler),
            ("/jobs", handlers.JobsHandler),
            (r"/jobs/([^/]+)", handlers.JobHandler),
            (r"/jobs/([^/]+)/fail", handlers.FailHandler),
            (r"/jobs/([^/]+)/delete", handlers.DeleteHandler),
        ],
        default_handler_class=handlers.NotFoundHandler,
        log_function=log_request,
        chatbot=chatbot,
    )


def log_request(handler: RequestHandler) -> None:
    """Log a line for a request that has got its response."""
    log.info("%s %r -> %d", handler.request.method, handler.request.uri, handler.get_status())


def origin(host: str, port: int) -> str:
    """The http url of a listener."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
