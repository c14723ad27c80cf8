"""The chatbot's state, which all its handlers share."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass

from foundation.clock import Clock
from foundation.timers import Timers
from sample_chatbot.jobs import Jobs
from sample_chatbot.settings import ChatbotSettings

log = logging.getLogger("sample_chatbot")


@dataclass(frozen=True)
class Chatbot:
    """What one running chatbot consists of."""

    settings: ChatbotSettings
    jobs: Jobs
    clock: Clock
    timers: Timers
    random: random.Random
