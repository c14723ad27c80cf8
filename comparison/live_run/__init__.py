"""The live run: asks a chatbot what a cassette's clients asked, and records its answers as a cassette of their own."""

from comparison.live_run.credentials import Credentials, parse
from comparison.live_run.result import ExchangeResult, LiveRunResult
from comparison.live_run.run import ask, recording_at
from comparison.live_run.settings import LiveRunSettings

__all__ = [
    "Credentials",
    "ExchangeResult",
    "LiveRunResult",
    "LiveRunSettings",
    "ask",
    "parse",
    "recording_at",
]
