"""A replay where there is neither a timerfd nor a kernel that stamps what arrives, as on macOS."""

from __future__ import annotations

import os

import pytest
import requests

from foundation.timers import TimerfdTimers
from replayer.listener import arrival_time
from replayer.schedule.pace import Pace


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "timerfd_create", raising=False)
    monkeypatch.setattr(TimerfdTimers, "__init__", None)
    monkeypatch.setattr(arrival_time, "ROOM", 0)
    monkeypatch.setattr(arrival_time, "SO_TIMESTAMPNS", -1)


@pytest.mark.parametrize("speed", [1, float("inf")])
def test_a_stream_is_the_same(make_exchange, replay, speed):
    events = [(number * 1000, b"data: %d\n\n" % number) for number in range(20)]
    server = replay(make_exchange(events), pace=Pace(speed=speed))
    for _ in range(2):
        with requests.get(f"{server.url}/s", stream=True, timeout=30) as response:
            assert list(response.raw.read_chunked()) == [data for _, data in events]
