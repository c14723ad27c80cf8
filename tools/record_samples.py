"""Records the samples that ship with the package, from the sample chatbot: `make samples`."""

from __future__ import annotations

import random
import sys

import requests

from cassettes.samples import FOLDER
from chatreel.workflows.recording_proxy import capture
from chatreel.workflows.threaded_server import Threaded
from platform_client.client import PlatformClient
from sample_chatbot import server
from sample_chatbot.settings import ChatbotSettings

HISTORY = [
    {"role": "user", "content": "What is the stock market?"},
    {"role": "assistant", "content": "The stock market is where shares are traded."},
]

QUESTIONS = {
    "stream": ("/api/v1/stream", "What are the key financial metrics?", []),
    "history": ("/api/v1/stream", "What about the JSE specifically?", HISTORY),
    "job": ("/api/v1/stream?mode=job", "Deep analysis request", []),
    "error": ("/api/v1/stream/error", "This will fail", []),
}
"""Each sample's path, question and history."""


def main() -> None:
    """Record each sample anew; ids and cookies are the same each time, times are not."""
    chatbot = ChatbotSettings(pace=0.5, workers_cookie=True, strict_sessions=True)
    with Threaded(lambda: server.run(chatbot, random=random.Random(20261122))) as upstream:  # noqa: S311 - no secret
        for name, (path, question, history) in QUESTIONS.items():
            with (
                capture(upstream, FOLDER / f"{name}.jsonl", report, force=True) as proxy,
                PlatformClient(proxy + path, poll_interval=0.5) as client,
            ):
                events = list(client.send(question, history))
            print(f"{name}: {', '.join(event.type for event in events)}")
        with capture(upstream, FOLDER / "health.jsonl", report, force=True) as proxy:
            print(f"health: {requests.get(f'{proxy}/health', timeout=10).status_code}")


def report(line: str) -> None:
    """Print a line on stderr."""
    print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
