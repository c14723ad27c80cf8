"""The same recording under plain mitmdump, with the script that `chatreel addon record` prints."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from chatreel.mitmdump import SCRIPTS
from tests.child import start_child

SCRIPT = str(SCRIPTS["record"])
MITMDUMP = Path(sys.executable).parent / "mitmdump"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


def command(tmp_path: Path, *arguments: str) -> list[str]:
    """mitmdump with the addon, on a free port."""
    listen = ["--listen-host", "127.0.0.1", "--listen-port", "0"]
    return [str(MITMDUMP), *listen, "-s", SCRIPT, "--set", f"confdir={tmp_path / 'ca'}", *arguments]


@pytest.fixture
def mitmdump(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Starts mitmdump with the addon; the process and the url, once it listens."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        process = start_child(*command(tmp_path, *arguments), env={**os.environ, "PYTHONUNBUFFERED": "1"})
        running.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r" listening at ([\d.:]+)\.", line):
                return process, f"http://{found[1]}"
        raise AssertionError(process.communicate())

    yield start
    for process in running:
        process.kill()
        process.communicate()


def read(path: Path) -> list[Exchange]:
    with Cassette.open(path) as cassette:
        return list(cassette.exchanges())


def test_it_records_the_same(mitmdump, raw_server, read_request, record, out):
    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(STREAM + b"9\r\ndata: 1\n\n\r\n0\r\n\r\n")

    url = raw_server(talk).url
    process, here = mitmdump("--mode", f"reverse:{url}", "--set", f"chatreel_out={out}")
    body = {"query": "hi", "password": "t0ps3cr3t"}
    got = requests.post(f"{here}/x?token=t0ps3cr3t", json=body, timeout=10)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert got.content == b"data: 1\n\n"
    (exchange,) = read(out)
    assert (exchange.body, exchange.end.how) == (b"data: 1\n\n", "complete")
    assert exchange.request.url.startswith(f"{url}/x?token=")
    assert "t0ps3cr3t" not in out.read_text()
    assert out.stat().st_mode & 0o777 == 0o600

    embedded = record(url)
    requests.post(f"{embedded.url}/x", json=body, timeout=10)
    (same,) = embedded.exchanges()
    assert same.response.headers == exchange.response.headers
    assert [name for name, _ in same.request.headers] == [name for name, _ in exchange.request.headers]


def test_options_reach_the_recording(mitmdump, raw_server, read_request, out):
    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    url = raw_server(talk).url
    settings = ["--mode", f"reverse:{url}", "--set", f"chatreel_out={out}", "--set", "chatreel_append=true"]
    for more in (["chatreel_no_redact=true"], ["chatreel_redact=header:X-Mine"]):
        process, here = mitmdump(*settings, "--set", *more)
        requests.get(here, headers={"X-Mine": "mine0815", "Authorization": "Bearer s3cr3t99"}, timeout=10)
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    kept, redacted = (dict(exchange.request.headers) for exchange in read(out))
    assert (kept["X-Mine"], kept["Authorization"]) == ("mine0815", "Bearer s3cr3t99")
    assert "mine0815" not in redacted.values()
    assert "Bearer s3cr3t99" not in redacted.values()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ([], "nothing is recorded: say where to, with --set chatreel_out=FILE"),
        (["chatreel_out={out}"], "exists"),
        (["chatreel_out={out}.new", "chatreel_redact=nonsense"], "nonsense"),
    ],
)
def test_what_cannot_be_is_one_clear_line(tmp_path, out, settings, reason):
    out.write_text("mine")
    options = [part for each in settings for part in ("--set", each.format(out=out))]
    ended = subprocess.run(
        command(tmp_path, *options), capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    (line,) = (line for line in said.splitlines() if "chatreel: " in line)
    assert reason in line
    assert "Traceback" not in said
    assert out.read_text() == "mine"


ANSWERING = """
from mitmproxy import http

class Answering:
    def requestheaders(self, flow):
        if flow.request.path == "/early":
            flow.response = http.Response.make(200, b"made up early")

    def request(self, flow):
        if flow.request.path == "/late":
            flow.response = http.Response.make(200, b"made up late")

addons = [Answering()]
"""


def test_what_another_addon_answers_reaches_the_client(mitmdump, raw_server, out, tmp_path):
    script = tmp_path / "answering.py"
    script.write_text(ANSWERING)
    url = raw_server(lambda _: None).url
    process, here = mitmdump("--set", f"chatreel_out={out}", "--mode", f"reverse:{url}", "-s", str(script))
    assert requests.post(f"{here}/early", data=b"body", timeout=10).content == b"made up early"
    assert requests.get(f"{here}/late", timeout=10).content == b"made up late"
    process.send_signal(signal.SIGINT)
    process.wait(20)
    (late,) = read(out)
    assert late.request.url.endswith("/late")
    assert (late.response, late.end.message) == (None, "answered by another addon")
