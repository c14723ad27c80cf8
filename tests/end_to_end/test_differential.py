"""A client behind Chatreel gets what it would get without it: each scenario runs with and without.

docs/proxy.md lists what Chatreel changes. `as_changed` makes these changes to what a client gets without it, no others.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from addons.record import RecordAddon
from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from chatreel.workflows.threaded_server import Threaded
from foundation.clock import SYSTEM
from foundation.http.headers import Headers, first, without
from recorder.assembly import Broken, ResponseData, ResponseEnd, ResponseHead
from recorder.content_coding import BrokenCoding, decoder_for
from recorder.http1.response_reader import InterimResponse, ResponseReader
from recorder.mitmproxy.host import proxy
from recorder.open_recording import open_recording
from recorder.url_rewriting import is_text, without_validators
from replayer.forwarding.miss_policy import MissPolicy
from replayer.server import ReplaySettings, replay_server
from tests.end_to_end.upstream_scenarios import GAP, REFUSED, SCENARIOS, UpstreamScenario
from tests.raw_server import RawServer

BY_NAME = {scenario.name: scenario for scenario in [*SCENARIOS, *REFUSED]}
NAMES = [scenario.name for scenario in SCENARIOS]
HOP_BY_HOP = ("connection", "keep-alive", "te", "upgrade")
READS_ALL = "early-answer"  # forwarding begins when the request is whole, because it has to be matched before
PATIENCE = 20  # seconds


@dataclass
class Outcome:
    """What a client gets: interim statuses, the response with its body decoded, and whether it is whole."""

    interim: list[int] = field(default_factory=list)
    status: int = 0
    reason: str = ""
    http: str = ""
    headers: Headers = ()
    body: bytes = b""
    trailers: Headers = ()
    whole: bool = False
    raw: bytes = b""


class Upstream:
    """Plays the scenario that a request names. It waits in a GAP until `gap` is set, and keeps what it was sent."""

    def __init__(self) -> None:
        self.gap = threading.Event()
        self.requests: list[bytes] = []
        self._server = RawServer(self._talk)
        self.port, self.url = self._server.port, self._server.url
        self.close = self._server.close

    def _talk(self, connection: socket.socket) -> None:
        request = self._head(connection)
        named = re.match(rb"\S+ (?:http://[^/]*)?/([\w.-]+)", request)
        if named is None:
            return
        scenario = BY_NAME[named[1].decode()]
        if not scenario.early:
            request = self._rest(connection, request)
        self.requests.append(request)
        for part in scenario.response:
            if part == GAP:
                if not self.gap.wait(PATIENCE):
                    return
                self.gap.clear()
            else:
                connection.sendall(part)
        if scenario.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        elif not scenario.closes:
            while connection.recv(65536):
                pass

    def _head(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data and (more := connection.recv(65536)):
            data += more
        return data

    def _rest(self, connection: socket.socket, data: bytes) -> bytes:
        length = re.search(rb"(?i)content-length: *(\d+)", data)
        whole = data.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
        while len(data) < whole and (more := connection.recv(65536)):
            data += more
        return data


def gaps(scenario: UpstreamScenario) -> Iterator[tuple[int, int]]:
    """How many interim responses and bytes of the body a client has to have got at each GAP."""
    reader, interim, body = ResponseReader("GET"), 0, 0
    for part in scenario.response:
        if part == GAP:
            yield interim, body
        for event in reader.feed(part, 0):
            interim += isinstance(event, InterimResponse)
            body += len(event.data) if isinstance(event, ResponseData) else 0


def ask(scenario: UpstreamScenario, port: int, upstream: Upstream, *, interim: bool = True) -> Outcome:
    """What a client gets at a port. Without `interim`, no interim responses are waited for."""
    outcome, waiting = Outcome(), list(gaps(scenario))
    reader = ResponseReader("HEAD" if scenario.request.startswith(b"HEAD") else "GET")
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(scenario.request % scenario.name.encode())
        while not reader.ended:
            while (
                waiting
                and len(outcome.body) >= waiting[0][1]
                and (not interim or len(outcome.interim) >= waiting[0][0])
            ):
                waiting.pop(0)
                upstream.gap.set()
            try:
                data = client.recv(65536)
            except ConnectionResetError:
                data = b""
            outcome.raw += data
            for event in reader.feed(data, 0) if data else reader.close(0, "server-closed"):
                match event:
                    case InterimResponse():
                        outcome.interim.append(event.status)
                        if event.status == 100 and scenario.body:
                            client.sendall(scenario.body)
                    case ResponseHead():
                        outcome.status, outcome.reason, outcome.http = event.status, event.reason, event.http
                        outcome.headers = event.headers
                    case ResponseData():
                        outcome.body += event.data
                    case ResponseEnd():
                        outcome.whole, outcome.trailers = True, event.trailers
                    case Broken():
                        assert event.how != "error", event.message
    outcome.body = decoded(outcome.body, first(outcome.headers, "content-encoding"))
    return outcome


def decoded(body: bytes, coding: str) -> bytes:
    decoder = decoder_for(coding)
    try:
        return decoder.feed(body) if decoder else body
    except BrokenCoding:
        return body


def as_changed(outcome: Outcome, *, forwarded: bool = False) -> Outcome:
    """What a client gets without Chatreel, with the changes that docs/proxy.md lists."""
    changed = replace(outcome, raw=b"")
    if is_text(outcome.headers):  # it is decoded and sent in chunks, so that urls can be rewritten in it
        known = decoder_for(first(outcome.headers, "content-encoding")) is not None
        names = ["content-length", "transfer-encoding", *(["content-encoding"] if known else [])]
        changed.headers = without_validators(without(changed.headers, *names))
    if forwarded:
        changed.headers = without(changed.headers, *HOP_BY_HOP)
        changed.interim, changed.http = [], "1.1"
    return changed


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with contextlib.closing(Upstream()) as server:
        yield server


class Recorded:
    """A recording proxy's port, and, once it is closed, its exchanges by the path of their request."""

    def __init__(self, upstream: Upstream, path: Path) -> None:
        self._path = path
        self.reports: list[str] = []
        recorder = open_recording(path, rules=None, clock=SYSTEM, report=self.reports.append)

        @contextlib.asynccontextmanager
        async def run() -> AsyncIterator[int]:
            running = proxy(
                [RecordAddon(recorder)], mode=f"reverse:{upstream.url}", host="127.0.0.1", port=0,
                ca_dir=path.parent, report=self.reports.append,
            )  # fmt: skip
            async with running as (_, port):
                yield port

        self._stack = contextlib.ExitStack()
        self._stack.callback(recorder.close)
        self.port = self._stack.enter_context(Threaded(run))

    def close(self) -> None:
        self._stack.close()

    def exchange(self, name: str) -> Exchange:
        self.close()
        with Cassette.open(self._path) as cassette:
            found = [one for one in cassette.exchanges() if re.search(rf"/{name}(?![\w.-])", one.request.url)]
        return found[-1]


@pytest.fixture(scope="module")
def recorded(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    with contextlib.closing(Recorded(upstream, tmp_path_factory.mktemp("proxy") / "a.jsonl")) as running:
        yield running


@pytest.fixture(scope="module")
def forwarding(upstream: Upstream) -> Iterator[int]:
    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[int]:
        settings = ReplaySettings(
            listen=("127.0.0.1", 0), admin=None, misses=MissPolicy(on_miss="forward", upstream=upstream.url)
        )
        async with replay_server([], settings, lambda _line: None) as server:
            yield server.address[1]

    with Threaded(run) as port:
        yield port


@pytest.mark.parametrize("name", NAMES)
def test_a_client_of_record_gets_what_it_would_get_without_it(
    upstream: Upstream, recorded: Recorded, name: str
) -> None:
    scenario = BY_NAME[name]
    without_it = ask(scenario, upstream.port, upstream)
    with_it = ask(scenario, recorded.port, upstream)
    assert as_changed(with_it) == as_changed(without_it)
    assert plain(upstream.requests[-1], scenario) == plain(upstream.requests[-2], scenario)


@pytest.mark.parametrize("name", [name for name in NAMES if name != READS_ALL])
def test_a_client_of_forward_gets_what_it_would_get_without_it(
    upstream: Upstream, forwarding: int, name: str
) -> None:
    scenario = BY_NAME[name]
    without_it = ask(scenario, upstream.port, upstream)
    with_it = ask(scenario, forwarding, upstream, interim=False)
    assert as_changed(with_it, forwarded=True) == as_changed(without_it, forwarded=True)


def plain(request: bytes, scenario: UpstreamScenario) -> bytes:
    """A request as it reaches the upstream, but for what a proxy sets; its head alone where that is enough."""
    head, end, body = request.replace(b"100-continue \r\n", b"100-continue\r\n").partition(b"\r\n\r\n")
    return re.sub(rb"(?i)(host: )[^\r]*", rb"\1h", head) + (b"" if scenario.early else end + body)


@pytest.mark.parametrize("name", [scenario.name for scenario in REFUSED])
def test_what_no_client_reads_is_refused_and_named(
    upstream: Upstream, recorded: Recorded, forwarding: int, name: str
) -> None:
    by_record = ask(BY_NAME[name], recorded.port, upstream, interim=False)
    assert (by_record.status, first(by_record.headers, "content-type")) == (502, "text/plain; charset=utf-8")
    assert by_record.body.startswith(b"chatreel: ")
    assert by_record.body.count(b"\n") == 1
    by_forward = ask(BY_NAME[name], forwarding, upstream, interim=False)
    assert (by_forward.status, first(by_forward.headers, "content-type")) == (502, "application/json")


@pytest.mark.parametrize("name", ["binary", "large-binary", "gzip-binary", "no-type", "repeated", "trailers"])
def test_what_is_no_text_is_passed_on_byte_by_byte(upstream: Upstream, recorded: Recorded, name: str) -> None:
    scenario = BY_NAME[name]
    assert ask(scenario, recorded.port, upstream).raw == b"".join(scenario.response)


def test_what_is_recorded_is_what_the_upstream_sent(upstream: Upstream, tmp_path: Path) -> None:
    with contextlib.closing(Recorded(upstream, tmp_path / "a.jsonl")) as recorded:
        expected = {name: ask(BY_NAME[name], recorded.port, upstream) for name in NAMES}
        recorded.close()
        for name, outcome in expected.items():
            exchange = recorded.exchange(name)
            assert (exchange.body, exchange.end.trailers) == (outcome.body, outcome.trailers), name
            assert exchange.response is not None
            assert (exchange.response.status, exchange.response.reason) == (outcome.status, outcome.reason), (
                name
            )
            assert (exchange.end.how == "complete") == outcome.whole, name


def test_there_are_enough_scenarios() -> None:
    assert len(NAMES) >= 60
    assert len(BY_NAME) == len(SCENARIOS) + len(REFUSED)
