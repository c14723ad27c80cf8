"""The recorded job that ships with Chatreel, and clients that ask for it."""

from __future__ import annotations

import json
from typing import Any

import requests

from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from cassettes.samples import samples
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent

CREATED = "/api/v1/stream?mode=job"
QUERY = "Deep analysis request"


def recorded(name: str = "job") -> list[Exchange]:
    """The exchanges of a sample."""
    with Cassette.open(samples()[name]) as cassette:
        return list(cassette.exchanges())


def events(server: Any, **settings: Any) -> list[ClientEvent]:
    """What the platform's client makes of the job."""
    with PlatformClient(server.url + CREATED, **{"poll_interval": 0.001} | settings) as client:
        return list(client.send(QUERY))


def progress_or_error(found: list[ClientEvent]) -> list[Any]:
    """Return the progress of each event, an error's message, else the event's type."""
    data = [(event.type, json.loads(event.data)) for event in found]
    return [
        each["progress"] if kind == "progress" else each["error"] if kind == "error" else kind
        for kind, each in data
    ]


class Browser:
    """A client that asks step by step; of its cookies it sends those that it is told to."""

    def __init__(self, server: Any, **headers: str) -> None:
        self._server = server
        self._headers = headers
        self.cookies: dict[str, str] = {}
        self.job = ""

    def create(self) -> requests.Response:
        """Ask for the job."""
        question = {
            "query": QUERY, "conversation_history": [], "auto_load_documents": True, "memory_enabled": True,
        }  # fmt: skip
        response = self._send("POST", CREATED, json=question)
        self.job = response.json().get("polling_url", "")
        return response

    def poll(self, cookies: dict[str, str] | None = None) -> requests.Response:
        """Poll it."""
        return self._send("GET", self.job, cookies)

    def _send(
        self, method: str, target: str, cookies: dict[str, str] | None = None, **body: Any
    ) -> requests.Response:
        sent = self.cookies if cookies is None else cookies
        response = requests.request(
            method, self._server.url + target, cookies=sent, headers=self._headers, timeout=10, **body
        )
        self.cookies = sent | response.cookies.get_dict()
        return response
