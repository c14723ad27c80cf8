"""The chatbot's state, which all its handlers share."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass

from foundation.clock import Clock
from foundation.timers import Timers
from sample_chatbot.job_store import JobStore
from sample_chatbot.settings import ChatbotSettings

log = logging.getLogger("sample_chatbot")


@dataclass(frozen=True)
class Chatbot:
    """The settings, the jobs and the sources of time and chance of one running chatbot."""

    settings: ChatbotSettings
    jobs: JobStore
    clock: Clock
    timers: Timers
    random: random.Random
