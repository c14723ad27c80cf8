"""The settings of a sample chatbot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from foundation.clock import SECOND
from foundation.errors import UsageError

type PollingUrl = Literal["relative", "absolute", "none"]

POLLING_URLS: tuple[str, ...] = get_args(PollingUrl.__value__)

SLOWEST = 1000.0
SHORTEST_BEAT = 0.01


@dataclass(frozen=True, kw_only=True)
class ChatbotSettings:
    """The chatbot's settings. Raises UsageError when a number cannot be.

    `pace` multiplies every delay: at 1 a step takes a second, at 0 nothing waits. `heartbeat` is the seconds
    (at pace 1) between heartbeats inside a step, 0 for none. `polling_url` is how a new job names its url.
    With `workers_cookie` a load balancer's cookies change on every response. With `strict_sessions` a poll
    without its cookies gets 401, one with another session's 404.
    """

    pace: float = 1.0
    heartbeat: float = 1.0
    workers_cookie: bool = False
    strict_sessions: bool = False
    polling_url: PollingUrl = "relative"

    def __post_init__(self) -> None:
        # Written so that NaN fails too.
        if not 0 <= self.pace <= SLOWEST:
            raise UsageError(f"the pace must be a factor from 0 to {SLOWEST:g}, not {self.pace:g}")
        if self.heartbeat != 0 and not SHORTEST_BEAT <= self.heartbeat <= SLOWEST:
            raise UsageError(
                f"the heartbeat must be 0 or {SHORTEST_BEAT:g} to {SLOWEST:g} seconds, not {self.heartbeat:g}"
            )

    def scaled(self, seconds: float) -> int:
        """A delay at this pace, in microseconds."""
        return round(seconds * self.pace * SECOND)
