"""`chatreel record`, as a process of its own on real sockets."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

from cassettes.file.reader import Cassette
from cassettes.model import Exchange
from cassettes.samples import resolve
from chatreel.main import run
from foundation.clock import SYSTEM
from tests.child import start_child

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SHORT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

type Start = Callable[..., "Process"]


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


class Process:
    """A recording on its free port, from its ready line."""

    def __init__(self, out: Path, *arguments: str) -> None:
        self.out = out
        command = [sys.executable, "-m", "chatreel", "record", "--listen", "127.0.0.1:0", "--out", str(out)]
        self.process = start_child(*command, *arguments)
        self.ready = pipe(self.process.stdout).readline()
        found = re.search(r"(http://127\.0\.0\.1:\d+)", self.ready)
        assert found, self.ready + pipe(self.process.stderr).read()
        self.url = found[1]

    def stop(self, name: signal.Signals = signal.SIGTERM, code: int = 0) -> tuple[str, str]:
        """What it says on stdout and stderr until it has ended, with this exit code."""
        self.process.send_signal(name)
        said = self.process.communicate(timeout=20)
        assert self.process.returncode == code
        assert "Traceback" not in said[1]
        return said


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "recording.jsonl"


@pytest.fixture
def start(out: Path) -> Iterator[Start]:
    running: list[Process] = []

    def launch(*arguments: str, to: Path = out) -> Process:
        running.append(Process(to, *arguments))
        return running[-1]

    yield launch
    for process in running:
        process.process.kill()
        process.process.communicate()


@pytest.fixture
def upstream(raw_server, read_request) -> str:
    """A chatbot that answers `{}` to whatever it is asked."""

    def talk(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(SHORT)

    return raw_server(talk).url


def read(path: Path) -> list[Exchange]:
    with Cassette.open(path) as cassette:
        return list(cassette.exchanges())


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_records_until_it_is_asked_to_stop(
    start: Start, upstream: str, out: Path, name: signal.Signals
) -> None:
    process = start("--upstream", upstream)
    assert process.ready == f"recording on {process.url}, to {upstream}\n"
    for path in ("/one", "/two?token=t0ps3cr3t"):
        assert requests.get(process.url + path, timeout=10).json() == {}
    said, told = process.stop(name)
    first, second = said.splitlines()
    assert first.split("\t")[:5] == ["0", "GET", "/one", "200", "application/json"]
    assert second.startswith("1\tGET\t/two?token=")
    assert "t0ps3cr3t" not in said + told + out.read_text()
    assert told == f"chatreel: replaced 1 value: 1 token\nchatreel: recorded 2 exchanges into {out}\n"
    assert [exchange.end.how for exchange in read(out)] == ["complete"] * 2
    assert out.stat().st_mode & 0o777 == 0o600


def test_a_stream_under_way_is_written_when_it_stops(
    start: Start, raw_server, read_request, out: Path
) -> None:
    release = threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(STREAM + b"9\r\ndata: 1\n\n\r\n")
        release.wait(10)

    process = start("--upstream", raw_server(talk).url)
    with requests.get(process.url, stream=True, timeout=10) as response:
        assert response.raw.read1(9, decode_content=False)
        process.stop(signal.SIGINT)
        release.set()
    (exchange,) = read(out)
    assert exchange.body == b"data: 1\n\n"
    assert exchange.end.how in {"unfinished", "client-closed", "server-closed"}


def test_a_killed_recording_lacks_no_more_than_200_ms(
    start: Start, raw_server, read_request, tmp_path: Path
) -> None:
    lost = []
    for attempt in range(5):  # a busy machine may hold the writer up; one that writes less often always fails
        lost.append(time_lost_by_kill(start, raw_server, read_request, tmp_path / f"{attempt}.jsonl"))
        if lost[-1] <= 200_000:
            return
    raise AssertionError(f"lost the last {lost} microseconds")


def time_lost_by_kill(start: Start, raw_server, read_request, out: Path) -> int:
    """Kill a recording in the middle of a stream of an event a millisecond; the time in microseconds that it lacks."""
    enough, killed = threading.Event(), threading.Event()

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(STREAM)
        began = SYSTEM.now()
        while not killed.wait(0.001):
            event = b'data: {"sent": %d}\n\n' % SYSTEM.now()
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
            if SYSTEM.now() - began > 600_000:
                enough.set()

    process = start("--upstream", raw_server(talk).url, to=out)
    received: list[int] = []
    died = 0
    with (
        requests.get(process.url, stream=True, timeout=10) as response,
        contextlib.suppress(requests.RequestException),
    ):
        for line in response.iter_lines():
            received += map(int, re.findall(rb"\d+", line))
            if enough.is_set():
                died = SYSTEM.now()
                process.process.kill()
                enough.clear()
                killed.set()
    recorded: list[int] = []
    for exchange in read(out):
        assert exchange.end.how == "unfinished"
        recorded += map(int, re.findall(rb"\d+", exchange.body))
    assert recorded == received[: len(recorded)]
    missing = [sent for sent in received[len(recorded) :] if sent < died]
    return died - missing[0] if missing else 0


@pytest.mark.parametrize(
    ("harm", "code", "told"),
    [
        (Path.unlink, 0, "the file was removed; it is put back"),
        (lambda out: out.rename(out.with_name("moved.jsonl")), 1, "no longer leads to the recording"),
        (lambda out: os.truncate(out, 0), 1, "the recording begins anew"),
        (lambda out: shutil.rmtree(out.parent), 1, "the recording is lost"),
    ],
    ids=["removed", "renamed", "truncated", "with its folder"],
)
def test_a_recording_that_is_not_whole_ends_with_1(
    start: Start, upstream: str, tmp_path: Path, harm: Callable[[Path], object], code: int, told: str
) -> None:
    out = tmp_path / "folder" / "recording.jsonl"
    out.parent.mkdir()
    process = start("--upstream", upstream, to=out)
    requests.get(f"{process.url}/before", timeout=10)
    assert pipe(process.process.stdout).readline()  # so it is written
    harm(out)
    assert requests.get(f"{process.url}/after", timeout=10).json() == {}
    assert told in process.stop(code=code)[1]
    for path in tmp_path.rglob("*.jsonl"):
        assert read(path)[-1].request.url == f"{upstream}/after"


def test_an_existing_file_is_refused_and_untouched(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out.write_text("mine")
    assert (
        run(["record", "--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:0", "--out", str(out)]) == 2
    )
    assert (
        capsys.readouterr().err == f"chatreel: {out} exists: --force replaces it, --append goes on with it\n"
    )
    assert out.read_text() == "mine"


def test_what_is_compared_with_is_not_recorded_into(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(resolve("stream"), out)
    before = out.read_bytes()
    for option in ("--append", "--force"):
        command = ["record", "--upstream", "h", "--out", str(out), "--compare", str(out), option]
        assert run(command) == 2
        assert capsys.readouterr().err == f"chatreel: {out} is what --compare reads: choose another --out\n"
    assert out.read_bytes() == before


def test_without_a_home_it_records_all_the_same(
    start: Start, upstream: str, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/dev/null/x")
    process = start("--upstream", upstream)
    assert requests.get(process.url, timeout=10).json() == {}
    assert process.stop()[1] == f"chatreel: recorded 1 exchanges into {out}\n"


def test_force_replaces_and_append_goes_on(start: Start, upstream: str, out: Path) -> None:
    out.write_text("mine")
    for option in ("--force", "--append"):
        process = start("--upstream", upstream, option)
        requests.get(f"{process.url}/{option}", timeout=10)
        process.stop()
    exchanges = read(out)
    assert [exchange.request.url for exchange in exchanges] == [f"{upstream}/--force", f"{upstream}/--append"]
    assert [exchange.request.exchange for exchange in exchanges] == [0, 0]


@pytest.mark.parametrize("option", ["--force", "--append", None])
def test_a_port_in_use_is_one_line_and_costs_no_cassette(
    out: Path, option: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if option:
        out.write_text("mine")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = ["record", "--upstream", "http://127.0.0.1:1", "--listen", address, "--out", str(out)]
        assert run([*command, *([option] if option else [])]) == 2
    assert capsys.readouterr().err == (
        f"chatreel: cannot listen on {address}: Address already in use; choose another --listen\n"
    )
    assert out.read_text() == "mine" if option else not out.exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "say what to record"),
        (["--upstream", "ftp://h"], "write scheme://host[:port]"),
        (["--upstream", "http://h/path"], "write scheme://host[:port]"),
        (["--upstream", "http://h?x"], "write scheme://host[:port]"),
        (["--upstream", "http://h#x"], "write scheme://host[:port]"),
        (["--upstream", "http://user:word@h"], "write scheme://host[:port]"),
        (["--upstream", "http://h:99999"], "write scheme://host[:port]"),
        (["--upstream", "http://h:0"], "write scheme://host[:port]"),
        (["--upstream", "http://[::1"], "write scheme://host[:port]"),
        (["--upstream", "http://"], "write scheme://host[:port]"),
        (["--upstream", "http://a b"], "write scheme://host[:port]"),
        (["--upstream", "http://127.0.0.1:8765", "--listen", ":8765"], "is where the proxy listens itself"),
        (["--upstream", "localhost:8765", "--listen", "0.0.0.0:8765"], "is where the proxy listens itself"),
        (["--upstream", "h:5000", "--listen", "h:5000"], "is where the proxy listens itself"),
        (["--upstream", "h", "--out", "x.har"], "x.har: a cassette is .jsonl or .jsonl.zst: write x.jsonl, and"),
        (["--mode", "forward", "--upstream", "http://h"], "takes no --upstream"),
        (["--upstream", "http://h", "--append", "--force"], "exclude each other"),
        (["--mode", "forward", "--listen", "0.0.0.0:0"], "give --proxy-auth USER:PASSWORD, say --open-proxy"),
        (["--mode", "forward", "--proxy-auth", "hunter2"], "write USER:PASSWORD"),
        (["--mode", "forward", "--proxy-auth", "a:b", "--open-proxy"], "exclude each other"),
        (["--upstream", "http://h", "--open-proxy"], "are for --mode forward"),
        (["--upstream", "http://h", "--no-redact", "--redact", "email"], "exclude each other"),
        (["--upstream", "http://h", "--redact", "nonsense"], "nonsense"),
        (["--upstream", "http://h", "--only", "/api"], "write HOST[/PATH]"),
        (["--upstream", "http://h", "--max-size", "many"], "is no size"),
        (["--upstream", "http://h", "--max-duration", "long"], "is no duration"),
        (["--upstream", "http://h", "--upstream-ca", __file__], "expected certificates in PEM"),
        (["--upstream", "http://h", "--ca-dir", "/dev/null/x"], "the proxy cannot start"),
        (["--upstream", "http://h", "--listen", "192.0.2.1:80"], "cannot listen on 192.0.2.1:80"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(
    arguments: list[str], reason: str, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["record", "--listen", "127.0.0.1:0", "--out", str(out), *arguments]) == 2
    err = capsys.readouterr().err
    assert reason in err
    assert err.count("\n") == 1
    assert not out.exists()


def test_an_upstream_without_a_scheme(start: Start, upstream: str) -> None:
    process = start("--upstream", upstream.removeprefix("http://"))
    assert process.ready.endswith(f", to {upstream}\n")
    assert requests.get(process.url, timeout=10).json() == {}


def test_forward_mode_and_what_to_keep(start: Start, upstream: str, out: Path, tmp_path: Path) -> None:
    process = start("--mode", "forward", "--only", "127.0.0.1/api", "--ca-dir", str(tmp_path / "ca"))
    assert process.ready == (
        f"recording on {process.url}, as HTTP_PROXY and HTTPS_PROXY; "
        f"for TLS let clients trust {tmp_path / 'ca' / 'mitmproxy-ca-cert.pem'}\n"
    )
    assert (tmp_path / "ca" / "mitmproxy-ca-cert.pem").exists()
    for path in ("/api/v1", "/other"):
        assert requests.get(upstream + path, proxies={"http": process.url}, timeout=10).json() == {}
    process.stop()
    (exchange,) = read(out)
    assert exchange.request.url == f"{upstream}/api/v1"


def test_a_forward_proxy_asks_for_its_password(
    start: Start, upstream: str, out: Path, tmp_path: Path
) -> None:
    password = "open" + "sesame"
    process = start("--mode", "forward", "--proxy-auth", f"ali:{password}", "--ca-dir", str(tmp_path / "ca"))
    proxies = {"http": process.url}
    assert requests.get(f"{upstream}/refused", proxies=proxies, timeout=10).status_code == 407
    proxies = {"http": process.url.replace("://", f"://ali:{password}@")}
    assert requests.get(f"{upstream}/passed", proxies=proxies, timeout=10).json() == {}
    process.stop()
    (exchange,) = read(out)
    assert exchange.request.url == f"{upstream}/passed"
    assert password not in out.read_text()


def test_an_upstream_that_is_down_is_named_everywhere(start: Start, out: Path) -> None:
    process = start("--upstream", "http://127.0.0.1:1")
    why = "http://127.0.0.1:1 cannot be reached: Connection refused"
    assert requests.get(process.url, timeout=10).text == f"chatreel: {why}\n"
    said, told = process.stop()
    assert said.endswith(f"error: {why}\n")
    assert f"chatreel: proxy: {why}\n" in told
    assert read(out)[0].end.message == why


@pytest.mark.parametrize(
    ("limit", "why"),
    [(("--max-size", "1kB"), "its largest size"), (("--max-duration", "250ms"), "its longest duration")],
)
def test_a_limit_ends_the_recording_and_the_traffic_goes_on(
    start: Start, upstream: str, out: Path, limit: tuple[str, str], why: str
) -> None:
    process = start("--upstream", upstream, *limit)
    assert requests.get(f"{process.url}/{'x' * 1000}", timeout=10).json() == {}
    line = pipe(process.process.stderr).readline()
    ended = f"the recording reached {why} and is complete"
    assert line == f"chatreel: {out}: {ended}; the traffic goes on, unrecorded\n"
    assert requests.get(f"{process.url}/after", timeout=10).json() == {}
    assert process.stop()[1] == f"chatreel: recorded 1 exchanges into {out}\n"
    assert [exchange.request.url for exchange in read(out)] == [f"{upstream}/{'x' * 1000}"]
    with Cassette.open(out) as cassette:
        assert [loss.reason for loss in cassette.losses] == [ended]


def test_secrets_are_kept_when_asked(start: Start, upstream: str, out: Path) -> None:
    process = start("--upstream", upstream, "--no-redact")
    requests.get(process.url, headers={"Authorization": "Bearer t0ps3cr3t"}, timeout=10)
    process.stop()
    assert "t0ps3cr3t" in out.read_text()


def test_a_program_reads_json(start: Start, upstream: str, out: Path) -> None:
    process = start("--upstream", upstream, "--json")
    assert json.loads(process.ready) == {
        "event": "ready",
        "url": process.url,
        "upstream": upstream,
        "out": str(out),
    }
    requests.get(f"{process.url}/one", timeout=10)
    exchange, ended = map(json.loads, process.stop()[0].splitlines())
    assert {name: exchange[name] for name in ("event", "exchange", "method", "target", "status", "how")} == {
        "event": "exchange",
        "exchange": 0,
        "method": "GET",
        "target": "/one",
        "status": 200,
        "how": "complete",
    }
    assert ended == {"event": "end", "out": str(out), "exchanges": 1, "lost": 0, "whole": True}


def test_quiet_says_where_it_listens_and_how_it_ended(start: Start, upstream: str, out: Path) -> None:
    process = start("--upstream", upstream, "--quiet")
    requests.get(process.url, timeout=10)
    assert process.stop() == ("", f"chatreel: recorded 1 exchanges into {out}\n")


def test_a_compressed_cassette(start: Start, upstream: str, tmp_path: Path) -> None:
    process = start("--upstream", upstream, to=tmp_path / "recording.jsonl.zst")
    requests.get(process.url, timeout=10)
    process.stop()
    assert len(read(tmp_path / "recording.jsonl.zst")) == 1


def test_a_reader_of_stdout_that_leaves_ends_nothing(start: Start, upstream: str, out: Path) -> None:
    process = start("--upstream", upstream)
    pipe(process.process.stdout).close()
    for path in ("/one", "/two"):
        assert requests.get(process.url + path, timeout=10).json() == {}
    process.process.send_signal(signal.SIGINT)
    told = pipe(process.process.stderr).read()
    assert process.process.wait(20) == 0
    assert told == f"chatreel: recorded 2 exchanges into {out}\n"
    assert len(read(out)) == 2


def test_on_a_terminal_a_table_grows(upstream: str, out: Path) -> None:
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "chatreel", "record", "--listen", "127.0.0.1:0", "--upstream", upstream]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
    process = start_child(*command, "--out", out, stdout=its, env=environment)
    os.close(its)
    try:
        shown = until(ours, rb"recording on (http://[\d.:]+), to")
        found = re.search(rb"recording on (http://[\d.:]+), to", shown)
        assert found
        requests.get(f"{found[1].decode()}/shown", timeout=10)
        assert b"target" in until(ours, rb"GET +/shown +200 +application/json .*complete")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert process.returncode == 0
    assert told == f"chatreel: recorded 1 exchanges into {out}\n"


def until(terminal: int, pattern: bytes) -> bytes:
    """What appears on a terminal until a pattern does."""
    shown = b""
    while not re.search(pattern, shown):
        assert select.select([terminal], [], [], 20)[0], shown
        shown += os.read(terminal, 65536)
    return shown
