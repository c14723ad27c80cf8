"""One question on its way: a thread asks the chatbot, passes its events on, and saves the answer."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable

from django.db import Error as DatabaseError
from django.db import connections

from foundation.clock import SYSTEM
from platform_client.cancellation import Cancellation
from platform_client.client import PlatformClient
from platform_client.events import ClientEvent, error_event
from sample_platform.analytics.answer import KeptAnswer, answer_of, storable
from sample_platform.analytics.models import ChatMessage, ChatSession
from sample_platform.analytics.page_queue import PageQueue
from sample_platform.analytics.question import PageQuestion

log = logging.getLogger("analytics")

NOT_SAVED = error_event("The answer could not be saved")
DEFECT = error_event("The platform failed; its log has the reason")


class Chat:
    """A question that is being answered. It goes on when its page goes away, and ends when it is stopped."""

    def __init__(
        self, session: ChatSession, question: PageQuestion, client: PlatformClient, queue: PageQueue
    ) -> None:
        self.id = uuid.uuid4()
        self.user_id = session.user_id
        self.queue = queue
        self._session = session
        self._question = question
        self._client = client
        self._cancellation = Cancellation(SYSTEM)
        self._saved = False
        # A daemon, because a wait for a response's head cannot be interrupted.
        self._thread = threading.Thread(target=self._run, name="chat", daemon=True)
        self._ended: Callable[[Chat], None] = lambda _chat: None

    def start(self, ended: Callable[[Chat], None]) -> None:
        """Begin; `ended` is called in the thread when it ends."""
        self._ended = ended
        self._thread.start()

    def stop(self, reason: ClientEvent | None = None) -> None:
        """Hang up on the chatbot and end the page's stream, at once; the reason is the page's last event."""
        if reason is not None:
            self.queue.offer(reason)
        # Before the thread can: it ends without a reason.
        self.queue.end()
        self._cancellation.ask()

    def join(self, seconds: float) -> None:
        """Wait for the thread."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            with self._client:
                for event in self._client.read(self._question.payload, self._cancellation):
                    if self._cancellation.asked:
                        break
                    self._pass_on(event)
        except Exception:
            log.exception("A chat failed")
            self.queue.offer(DEFECT)
        finally:
            connections.close_all()
            self.queue.end()
            self._ended(self)

    def _pass_on(self, event: ClientEvent) -> None:
        if event.type == "error" and self._saved:  # the answer is there, so how its stream ended is no matter
            log.warning("After the answer: %s", event.data)
            return
        self.queue.offer(event)
        if event.type == "result" and not self._saved and (answer := answer_of(event.data)):
            self._save(answer)

    def _save(self, answer: KeptAnswer) -> None:
        log.info("Saving Chat Message")
        self._saved = True
        try:
            ChatMessage.objects.create(
                chat_session=self._session,
                query_str=storable(self._question.query),
                response_str=answer.text,
                sources=answer.sources,
            )
        except DatabaseError:
            log.exception("The answer could not be saved")
            self.queue.offer(NOT_SAVED)
