"""Waits for a chatbot that is still starting: the option --wait."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import click

from chatreel.cli.common_options import DURATION
from foundation.clock import SYSTEM, Clock
from recorder.url_rewriting import DEFAULT_PORTS

PAUSE = 0.05
"""Seconds between two attempts to connect."""

WAIT = click.option(
    "--wait",
    type=DURATION,
    default="0",
    help="How long to wait for the chatbot to listen, when it is still starting.",
)


def wait_for_listener(url: str, patience: int, clock: Clock = SYSTEM) -> None:
    """Return once something listens at the url, or after `patience` microseconds without."""
    parts = urlsplit(url)
    address = parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]
    until = clock.now() + patience
    while clock.now() < until:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            clock.sleep(PAUSE)
        else:
            return
