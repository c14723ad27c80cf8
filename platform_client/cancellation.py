"""Lets the thread that consumes events end what the reading thread waits for."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import requests

from foundation.clock import SECOND, Clock

SLICE = 0.05
"""Seconds between two looks at `asked` in a pause: the clock's sleep cannot be interrupted."""


class Cancellation:
    """A wish to end the work: one thread asks for it by `ask`, the other sees it in `asked`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked = threading.Event()
        self._response: requests.Response | None = None

    @property
    def asked(self) -> bool:
        """Whether the work is to end."""
        return self._asked.is_set()

    def ask(self) -> None:
        """End the work: a read that waits for the chatbot returns at once, a pause soon."""
        self._asked.set()
        response = self._response
        if response is not None:
            # Raised when the answer has ended meanwhile, so that there is nothing to wake up.
            with contextlib.suppress(OSError, RuntimeError, ValueError):
                response.raw.shutdown()

    @contextlib.contextmanager
    def guard(self, response: requests.Response) -> Iterator[requests.Response]:
        """Let `ask` end the reading of a response while the context lasts; the response is closed after it."""
        self._response = response
        try:
            if self.asked:  # before there was a response to shut down
                self.ask()
            yield response
        finally:
            self._response = None
            response.close()

    def pause(self, seconds: float) -> None:
        """Wait for so many seconds, or until the work is to end."""
        until = self._clock.now() + round(seconds * SECOND)
        while not self.asked and (left := until - self._clock.now()) > 0:
            self._clock.sleep(min(left / SECOND, SLICE))
