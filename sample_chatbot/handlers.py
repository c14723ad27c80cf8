"""The chatbot's endpoints, one handler each."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Any, cast

from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from cassettes.framings import sse
from cassettes.framings.event import Event
from foundation.timers import sleep_until
from sample_chatbot import script, session_cookies
from sample_chatbot.chatbot import Chatbot, log
from sample_chatbot.job_store import ChatbotJob
from sample_chatbot.request import ChatRequest, parse

type Script = Callable[[ChatRequest], list[script.ScriptStep]]


class ChatbotHandler(RequestHandler):
    """What all endpoints have in common: the shared state, JSON responses, cookies."""

    @property
    def chatbot(self) -> Chatbot:
        """The state that all handlers share."""
        return cast("Chatbot", self.settings["chatbot"])

    def set_default_headers(self) -> None:
        """The headers of every response, errors included."""
        self.clear_header("Server")
        if self.chatbot.settings.workers_cookie:
            for value in session_cookies.stickiness_headers(self.chatbot.random, self.chatbot.clock.wall()):
                self.add_header("Set-Cookie", value)

    def compute_etag(self) -> None:
        """Send no ETag: responses are not cached."""

    def reply(self, body: dict[str, Any], status: int = 200) -> None:
        """Send a JSON object as the response."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(body, ensure_ascii=False))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Send `{"error": message}` as the response."""
        error = kwargs["exc_info"][1]
        self.reply({"error": refusal(error) if isinstance(error, HTTPError) else self._reason}, status_code)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log a refused request as one line, and anything else, which is a defect, with its traceback."""
        if isinstance(value, HTTPError):
            log.warning(
                "%s %r: %d %s", self.request.method, self.request.uri, value.status_code, refusal(value)
            )
        else:
            super().log_exception(typ, value, tb)

    def find_job(self, job_id: str) -> ChatbotJob:
        """The job of this id. Raises HTTPError 404 when there is none."""
        job = self.chatbot.jobs.find(job_id)
        if job is None:
            raise HTTPError(404, "Job not found")
        return job


class NotFoundHandler(ChatbotHandler):
    """Every path that is not an endpoint."""

    def prepare(self) -> None:
        """Raise HTTPError 404."""
        raise HTTPError(404, "Not found")


class StreamHandler(ChatbotHandler):
    """Responds with a stream of events: one flush, and so one HTTP chunk, for each."""

    def initialize(self, script: Script) -> None:
        """Take the function that makes the steps of a response."""
        self._script = script
        self._playing: asyncio.Task[None] | None = None

    async def post(self) -> None:
        """Respond with the stream for the request's body."""
        await self.stream(self.read_request())

    def read_request(self) -> ChatRequest:
        """The request's body. Raises HTTPError 400 when it breaks the contract."""
        try:
            request = parse(self.request.body)
        except ValueError as error:
            raise HTTPError(400, "%s", error) from error
        log.info("Query: %r", request.query)
        log.info("Conversation history: %d messages", len(request.conversation_history))
        return request

    def open_session(self) -> str:
        """The session that the client sent, or a new one, set as a cookie."""
        session = self.get_cookie(session_cookies.SESSION)
        if not session:
            session = session_cookies.new_session(self.chatbot.random)
            self.add_header("Set-Cookie", session_cookies.session_header(session))
        log.info("Session: %r", session)
        return session

    async def stream(self, request: ChatRequest) -> None:
        """Play the script until its end, or until the client goes away."""
        self.open_session()
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-cache")
        self.set_header("X-Accel-Buffering", "no")
        # Tornado leaves Nagle's algorithm on until a response ends, which holds small events back.
        cast("HTTP1Connection", self.request.connection).stream.set_nodelay(True)
        self._playing = asyncio.ensure_future(self._play(self._script(request)))
        with contextlib.suppress(asyncio.CancelledError, StreamClosedError):
            await self._playing

    def on_connection_close(self) -> None:
        """The client went away: end its stream at once."""
        if self._playing is not None and self._playing.cancel():
            log.info("The client went away")

    async def _play(self, steps: list[script.ScriptStep]) -> None:
        # Absolute times from the stream's start: chained sleeps would drift.
        due = self.chatbot.timers.now()
        for step in steps:
            begin, due = due, due + self.chatbot.settings.scaled(step.seconds)
            if not step.silent:
                await self._think(begin, due)
            await sleep_until(self.chatbot.timers, due)
            await self._send(step.event)

    async def _think(self, begin: int, end: int) -> None:
        gap = self.chatbot.settings.scaled(self.chatbot.settings.heartbeat)
        for due in range(begin + gap, end, gap) if gap else ():
            await sleep_until(self.chatbot.timers, due)
            await self._send(script.HEARTBEAT)

    async def _send(self, event: Event) -> None:
        self.write(sse.encode(event))
        await self.flush()


class ChatHandler(StreamHandler):
    """`POST /api/v1/stream`: a stream, or a job with `?mode=job`."""

    async def post(self) -> None:
        """Respond with a job when the query string has `mode=job`, else with a stream."""
        request = self.read_request()
        if self.get_query_argument("mode", "") == "job":
            self.create_job(request)
        else:
            await self.stream(request)

    def create_job(self, request: ChatRequest) -> None:
        """Create a job and respond with the url where it is polled."""
        job = self.chatbot.jobs.create(self.open_session(), request)
        log.info("Job created: %s", job.id)
        self.reply({"job_id": job.id, "status": job.status, **self.polling_url(job)}, 202)

    def polling_url(self, job: ChatbotJob) -> dict[str, str]:
        """The field with the job's url; none with the setting `none`."""
        path = f"/jobs/{job.id}"
        absolute = f"{self.request.protocol}://{self.request.host}{path}"
        fields = {"relative": {"polling_url": path}, "absolute": {"polling_url": absolute}}
        return fields.get(self.chatbot.settings.polling_url, {})


class JobHandler(ChatbotHandler):
    """`GET /jobs/<id>`: a poll."""

    def get(self, job_id: str) -> None:
        """Move the job on by one step and respond with its state."""
        job = self.find_job(job_id)
        self.check_session(job)
        job.poll()
        log.info("Job %s: %s (%d%%)", job.id, job.status, job.progress["progress"])
        self.reply(job.state())

    def check_session(self, job: ChatbotJob) -> None:
        """Log a poll that lost its session; in strict mode raise HTTPError 401 or 404, as another worker would."""
        settings, sent = self.chatbot.settings, self.get_cookie(session_cookies.SESSION)
        log.info("Session: %r", sent)
        if settings.strict_sessions and (sent is None or self.lost_its_worker()):
            raise HTTPError(401, "Session expired")
        if sent == job.session:
            return
        log.warning("⚠️ Session mismatch! %s belongs to %r, the poll came with %r", job.id, job.session, sent)
        if settings.strict_sessions:
            raise HTTPError(404, "Job not found")

    def lost_its_worker(self) -> bool:
        """Whether the load balancer's cookie is missing where one is set."""
        return self.chatbot.settings.workers_cookie and self.get_cookie(session_cookies.STICKINESS) is None


class FailHandler(ChatbotHandler):
    """`POST /jobs/<id>/fail`: for tests, from any session."""

    def post(self, job_id: str) -> None:
        """Fail the job and respond with its state."""
        job = self.find_job(job_id)
        job.fail("Manually failed for testing purposes")
        self.reply(job.state())


class DeleteHandler(ChatbotHandler):
    """`DELETE /jobs/<id>/delete`: for tests, from any session."""

    def delete(self, job_id: str) -> None:
        """Delete the job."""
        self.chatbot.jobs.delete(self.find_job(job_id).id)
        self.reply({"job_id": job_id, "status": "deleted"})


class JobsHandler(ChatbotHandler):
    """`GET /jobs`: all jobs, for debugging."""

    def get(self) -> None:
        """Respond with the states of all jobs, each with its session."""
        self.reply({"jobs": [{**job.state(), "session_id": job.session} for job in self.chatbot.jobs]})


class HealthHandler(ChatbotHandler):
    """`GET /health`."""

    def get(self) -> None:
        """Respond with the status, the time of day and the number of active jobs."""
        self.reply(
            {
                "status": "healthy",
                "timestamp": timestamp(self.chatbot.clock.wall()),
                "active_jobs": sum(job.active for job in self.chatbot.jobs),
            }
        )


def timestamp(now: dt.datetime) -> str:
    """The time of day as the scenarios write it: ISO 8601 in UTC, with microseconds and without a zone."""
    return now.replace(tzinfo=None).isoformat(timespec="microseconds")


def refusal(error: HTTPError) -> str:
    """Why a request is refused, in words."""
    if error.log_message:
        return error.log_message % error.args
    return HTTPStatus(error.status_code).phrase
