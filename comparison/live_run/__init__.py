"""The live run: makes a cassette's requests to a live chatbot, and records its responses as another cassette."""

from comparison.live_run.credentials import Credentials, parse_credentials
from comparison.live_run.run import recording_at, run_live
from comparison.live_run.run_result import ExchangeResult, LiveRunResult
from comparison.live_run.run_settings import LiveRunSettings

__all__ = [
    "Credentials",
    "ExchangeResult",
    "LiveRunResult",
    "LiveRunSettings",
    "parse_credentials",
    "recording_at",
    "run_live",
]
