from __future__ import annotations

import math

import pytest

from foundation.errors import UsageError
from sample_chatbot.settings import ChatbotSettings


@pytest.mark.parametrize("pace", [-1.0, math.nan, math.inf, 1001.0])
def test_a_pace_that_cannot_be_is_refused(pace: float) -> None:
    with pytest.raises(UsageError, match="pace"):
        ChatbotSettings(pace=pace)


@pytest.mark.parametrize("heartbeat", [-1.0, math.nan, math.inf, 0.001])
def test_a_heartbeat_that_cannot_be_is_refused(heartbeat: float) -> None:
    with pytest.raises(UsageError, match="heartbeat"):
        ChatbotSettings(heartbeat=heartbeat)


def test_the_pace_scales_seconds_to_microseconds() -> None:
    assert [ChatbotSettings(pace=pace).scaled(150) for pace in (1, 0.01, 0)] == [150_000_000, 1_500_000, 0]
