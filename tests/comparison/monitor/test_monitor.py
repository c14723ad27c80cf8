"""A monitor with its process."""

from __future__ import annotations

import os
import signal

import pytest

from cassettes.samples import resolve
from comparison.monitor.monitor import Monitor
from comparison.rules.noise import SILENCE, Field, Noise
from foundation.clock import SYSTEM
from recorder.assembly import (
    RequestData,
    RequestEnd,
    RequestHead,
    ResponseData,
    ResponseEnd,
    ResponseHead,
)
from tests.cassettes.recorded import HEADER, save
from tests.comparison.mutants import sample


@pytest.fixture
def monitor():
    """Begins a monitor; returns it and the lines that it reports."""
    begun = []

    def start(path, noise=SILENCE, **limits):
        lines = []
        one = Monitor(str(path), noise=noise, redaction=[], now=SYSTEM.now, report=lines.append, **limits)
        begun.append(one)
        return one, lines

    yield start
    for one in begun:
        one.close()


def play(monitor: Monitor, exchange, data=lambda data: data) -> None:
    """An exchange as a proxy sees it."""
    number, request, response = monitor.begin(), exchange.request, exchange.response
    monitor.see(number, RequestHead(monitor.at(), request.method, request.url, request.http, request.headers))
    if request.body:
        monitor.see(number, RequestData(monitor.at(), request.body))
    monitor.see(number, RequestEnd(monitor.at()))
    monitor.see(number, ResponseHead(monitor.at(), response.status, response.reason, "1.1", response.headers))
    for chunk in exchange.chunks:
        monitor.see(number, ResponseData(monitor.at(), data(chunk.data)))
    monitor.see(number, ResponseEnd(monitor.at()))


def test_what_differs_is_told_and_summed_up(monitor):
    path = resolve("stream")
    one, lines = monitor(path)
    exchange = sample("stream").exchange(0)
    play(one, exchange)
    play(one, exchange, lambda data: data.replace(b"loading_documents", b"loading\\u001b[2J"))
    one.close()
    difference, summary = lines
    assert difference.startswith(
        f"{path}: different: session 0, exchange 0 (live 1), POST /api/v1/stream: "
        "event 1 (live 1) progress /step values changed: "
    )
    assert difference.isprintable()
    assert summary == f"{path}: 2 questions compared, 1 different"


def test_noise_is_no_difference(monitor):
    noise = Noise(fields=(Field(pointer="/step", request="POST /api/v1/stream", event="progress"),))
    one, lines = monitor(resolve("stream"), noise)
    play(one, sample("stream").exchange(0), lambda data: data.replace(b"loading_documents", b"loading"))
    one.close()
    assert lines == [f"{resolve('stream')}: 1 question compared, 0 different"]


def test_what_is_under_way_at_the_end_is_counted(monitor):
    one, lines = monitor(resolve("stream"))
    one.see(one.begin(), RequestHead(0, "POST", "http://bot/", "1.1", ()))
    one.close()
    assert lines == [f"{resolve('stream')}: 0 questions compared, 0 different, 1 did not end"]


def test_what_there_is_no_room_for_is_counted(monitor):
    one, lines = monitor(resolve("stream"), queue=0)
    for _ in range(2):
        play(one, sample("stream").exchange(0))
    one.close()
    left_out = "2 left out because there was too much to compare"
    assert lines == [f"{resolve('stream')}: 0 questions compared, 0 different, {left_out}"]


def test_a_cassette_that_broke_is_said_and_the_traffic_goes_on(monitor, tmp_path):
    path = save(tmp_path / "broken.jsonl", [HEADER])
    with path.open("a") as file:
        file.write("nonsense\n")
    one, lines = monitor(path)
    for _ in range(3):
        play(one, sample("stream").exchange(0))
    one.close()
    [line] = lines
    assert line.startswith(f"{path}: nothing is compared any more: {path}, line 2: expected")


def test_a_process_that_hangs_delays_nobody_and_is_ended(monitor):
    one, lines = monitor(resolve("stream"), queue=1 << 20, patience=0.2)
    os.kill(one._process.pid, signal.SIGSTOP)
    number = one.begin()
    one.see(number, RequestHead(0, "GET", "http://bot/", "1.1", ()))
    for _ in range(200):
        one.see(number, ResponseData(one.at(), b"x" * 65536))
    assert one._intake.size <= 1 << 20
    one.close()
    assert lines == [f"{resolve('stream')}: the end of the traffic was not compared: it took too long"]
    assert one._process.returncode == -signal.SIGKILL


def test_a_process_that_died_is_said(monitor):
    one, lines = monitor(resolve("stream"))
    one._process.kill()
    one._process.wait()
    play(one, sample("stream").exchange(0))
    one.close()
    assert lines == [
        f"{resolve('stream')}: nothing is compared any more: the process that compares has ended"
    ]
