"""A session as a test: a module for pytest that sends the recorded requests to a replay of the session."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from cassettes.model import Request
from foundation.http.headers import Headers
from foundation.http.urls import PRINTABLE, target
from foundation.time_slices import in_slices
from foundation.web.parameters import Parameters
from inspector.request_errors import Missing, TooLarge
from inspector.views.curl import SKIPPED_HEADERS
from inspector.workspace.workspace import Workspace
from replayer.matching.options import HEADER_NAME

MOST_REQUESTS = 200
"""Requests of a test."""

LARGEST = 1 << 20
"""Bytes of all requests of a test: what is larger nobody reads."""

MODULE = '''\
"""Session {id} of {file}, replayed; written by Chatreel's inspector.

It sends the recorded requests. Put your own client in the place of `ask`, with `chatreel.url` as the chatbot's address.
"""

import http.client
from urllib.parse import urlsplit

import pytest

# Method, path, headers, body, and the status of the recorded answer.
REQUESTS = [
{requests}]


def ask(url, method, path, headers, body):
    """The status and the body of an answer, as far as it comes."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        try:
            return response.status, response.read()
        except http.client.IncompleteRead as broken:
            return response.status, broken.partial
        except ConnectionError:
            return response.status, b""
    finally:
        connection.close()


@pytest.mark.chatreel({cassette!r}, tokens="recorded", speed="max")
def {name}(chatreel):
    for method, path, headers, body, status in REQUESTS:
        answered, _ = ask(chatreel.url, method, path, headers, body)
        assert answered == status, f"{{method}} {{path}}"
'''


class SessionTest(msgspec.Struct, frozen=True):
    """The test's module, and the cassette that belongs beside it: its name, and the `exchanges` that it is to have."""

    name: str
    text: str
    cassette: str
    exchanges: list[str]


async def session_test(workspace: Workspace, _parameters: Parameters, id_: str) -> SessionTest:
    """The test that replays a session; raises Missing, TooLarge, CassetteError."""
    file, number = workspace.find(id_)
    session = file.session(number)
    if session is None:
        raise Missing(f"exchange {id_} belongs to no session, as far as the recording is looked through")
    members = list(file.grouping.sessions.exchanges(session))
    requests: list[str] = []

    def read() -> Iterator[None]:
        for member in members:
            response = file.cassette.response(member)
            if response is not None:  # a client cannot tell how it would be without one
                requests.append(request_line(file.cassette.request(member), response.status))
            if len(requests) > MOST_REQUESTS or sum(map(len, requests)) > LARGEST:
                raise TooLarge(f"session {id_} is too large for a test: export it, and write one by hand")
            yield

    await in_slices(read(), workspace.timers)
    name = f"session_{file.number}_{session}"
    text = MODULE.format(
        id=f"{file.number}.{session}",
        file=file.name.encode("ascii", "replace").decode().replace("\\", "_").replace('"', "_"),
        requests="".join(requests),
        cassette=f"{name}.jsonl",
        name=f"test_{name}",
    )
    exchanges = [f"{file.number}.{member}" for member in members]
    return SessionTest(f"test_{name}.py", text, f"{name}.jsonl", exchanges)


def request_line(request: Request, status: int) -> str:
    """A request as a line of Python; `ascii` makes of anything recorded a literal that runs nothing."""
    path = quote(target(request.url), safe=PRINTABLE, errors="surrogatepass")
    parts = [
        ascii(request.method),
        ascii(path),
        header_dict(request.headers),
        ascii(request.body),
        str(status),
    ]
    return f"    ({', '.join(parts)}),\n"


def header_dict(headers: Headers) -> str:
    """Headers as a dict of Python, without those that belong to the connection; equal names are joined."""
    joined: dict[str, list[str]] = {}
    for name, value in headers:
        if name.lower() not in SKIPPED_HEADERS and HEADER_NAME.fullmatch(name):
            joined.setdefault(name.title(), []).append(value)
    pairs = ((name, ("; " if name == "Cookie" else ", ").join(values)) for name, values in joined.items())
    literals = (f"{name!r}: {value!a}" for name, value in pairs)
    return f"{{{', '.join(literals)}}}"
