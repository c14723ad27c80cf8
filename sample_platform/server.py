"""The platform as a server on the running event loop.

The server is Uvicorn: it streams what an asynchronous view yields at once, tells the view when the page goes
away, and needs nothing that is not installed anyway but itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

import django
import uvicorn
from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connections

from foundation.errors import ServerError, UsageError
from foundation.sockets import Address, is_loopback, listen, port_of

DEMO_USER = "demo"

PARTING = 5
"""Seconds that answers under way have when the server ends."""


class Running(NamedTuple):
    """A platform that runs: where, and who can sign in."""

    address: Address
    user: str
    password: str


class Server(uvicorn.Server):
    """A server that leaves the signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def run(
    address: Address, *, chatbot: str | None = None, database: str | None = None
) -> AsyncIterator[Running]:
    """Migrate the database, give the demo user a new password, and serve while the context lasts.

    `chatbot` is the url of its stream, `database` one as dj-database-url reads it; the environment's settings are
    taken where they are None. Django is set up once a process, so a second call must have the same settings.
    Raises UsageError for settings that cannot be, and ServerError when the address or the database is not there.
    """
    if not is_loopback(address[0]):
        raise UsageError(
            f"--listen {address[0]}: this platform is a sample, and stays on this machine; listen on 127.0.0.1"
        )
    set_up(address[0], chatbot, database)
    password = await sync_to_async(prepare)()
    sockets = listen(address, "--listen")
    port = port_of(sockets)
    config = uvicorn.Config(
        application(),
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=PARTING,
    )
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets))
    try:
        yield Running((address[0], port), DEMO_USER, password)
    finally:
        await asyncio.to_thread(stop_chats)
        server.should_exit = True
        await serving


def set_up(host: str, chatbot: str | None, database: str | None) -> None:
    """Set Django up, to be asked by the name `host` too. Raises UsageError for settings that cannot be."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{__package__}.settings")
    own = f"[{host}]" if ":" in host else host
    hosts = f"{os.environ.get('DJANGO_ALLOWED_HOSTS', '')} {own}"
    try:
        with environment(CHATBOT_DEEP_STREAM_URL=chatbot, DATABASE_URL=database, DJANGO_ALLOWED_HOSTS=hosts):
            django.setup()
        from sample_platform.analytics.chatbot_client import client  # noqa: PLC0415 - Django must be set up first

        client().close()
    except (ImproperlyConfigured, ValueError) as error:
        raise UsageError(f"--database: {error}") from error


@contextlib.contextmanager
def environment(**values: str | None) -> Iterator[None]:
    """Set those variables that are not None while the settings are read, and no longer: others inherit them."""
    given = {name: value for name, value in values.items() if value is not None}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def prepare() -> str:
    """Migrate the database and set the demo user's password, which is returned. Raises ServerError."""
    from django.contrib.auth.models import User  # noqa: PLC0415 - Django must be set up first

    password = secrets.token_urlsafe(9)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        user, _ = User.objects.get_or_create(
            username=DEMO_USER, defaults={"is_staff": True, "is_superuser": True}
        )
        user.set_password(password)
        user.save(update_fields=["password"])
    except DatabaseError as error:
        raise ServerError(
            f"cannot use the database: {' '.join(str(error).split())}; see --database"
        ) from error
    finally:
        connections.close_all()
    return password


def application() -> Callable[..., Any]:
    """The ASGI application."""
    from sample_platform.asgi import application  # noqa: PLC0415 - Django must be set up first

    return application


def stop_chats() -> None:
    """End the chats that run."""
    from sample_platform.analytics.running import RUNNING  # noqa: PLC0415 - Django must be set up first

    RUNNING.stop_all()
