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

from cassettes import sse
from foundation.timers import sleep_until
from sample_chatbot import cookies, script
from sample_chatbot.chatbot import Chatbot, log
from sample_chatbot.jobs import Job
from sample_chatbot.request import ChatRequest, parse

type Script = Callable[[ChatRequest], list[script.ScriptStep]]


class ChatbotHandler(RequestHandler):
    """What all endpoints have in common: the shared state, JSON answers, cookies."""

    @property
    def chatbot(self) -> Chatbot:
        """The state that all handlers share."""
        return cast("Chatbot", self.settings["chatbot"])

    def set_default_headers(self) -> None:
        """The headers of every response, errors included."""
        self.clear_header("Server")
        if self.chatbot.settings.workers_cookie:
            for value in cookies.stickiness_headers(self.chatbot.random, self.chatbot.clock.wall()):
                self.add_header("Set-Cookie", value)

    def compute_etag(self) -> None:
        """No answer is worth a conditional request."""

    def reply(self, answer: dict[str, Any], status: int = 200) -> None:
        """Answer with a JSON object."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(answer, ensure_ascii=False))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error is `{"error": message}` too."""
        error = kwargs["exc_info"][1]
        self.reply({"error": refusal(error) if isinstance(error, HTTPError) else self._reason}, status_code)

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """A refused request is one line; anything else is a defect, with its traceback."""
        if isinstance(value, HTTPError):
            log.warning(
                "%s %r: %d %s", self.request.method, self.request.uri, value.status_code, refusal(value)
            )
        else:
            super().log_exception(typ, value, tb)

    def find_job(self, job_id: str) -> Job:
        """The job, or 404."""
        job = self.chatbot.jobs.find(job_id)
        if job is None:
            raise HTTPError(404, "Job not found")
        return job


class NotFoundHandler(ChatbotHandler):
    """Every other path."""

    def prepare(self) -> None:
        """Refuse it."""
        raise HTTPError(404, "Not found")


class StreamHandler(ChatbotHandler):
    """Answers with a stream of events; one flush, so one HTTP chunk, for each."""

    def initialize(self, script: Script) -> None:
        """The script to play."""
        self._script = script
        self._playing: asyncio.Task[None] | None = None

    async def post(self) -> None:
        """Play the script for the request's body."""
        await self.stream(self.read_request())

    def read_request(self) -> ChatRequest:
        """The body, or 400."""
        try:
            request = parse(self.request.body)
        except ValueError as error:
            raise HTTPError(400, "%s", error) from error
        log.info("Query: %r", request.query)
        log.info("Conversation history: %d messages", len(request.conversation_history))
        return request

    def open_session(self) -> str:
        """The session that the client sent, or a new one, set as a cookie."""
        session = self.get_cookie(cookies.SESSION)
        if not session:
            session = cookies.new_session(self.chatbot.random)
            self.add_header("Set-Cookie", cookies.session_header(session))
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

    async def _send(self, event: sse.Event) -> None:
        self.write(sse.encode(event))
        await self.flush()


class ChatHandler(StreamHandler):
    """`POST /api/v1/stream`: a stream, or a job with `?mode=job`."""

    async def post(self) -> None:
        """Answer the way that the query string asks for."""
        request = self.read_request()
        if self.get_query_argument("mode", "") == "job":
            self.create_job(request)
        else:
            await self.stream(request)

    def create_job(self, request: ChatRequest) -> None:
        """Answer with a job to poll."""
        job = self.chatbot.jobs.create(self.open_session(), request)
        log.info("Job created: %s", job.id)
        self.reply({"job_id": job.id, "status": job.status, **self.polling_url(job)}, 202)

    def polling_url(self, job: Job) -> dict[str, str]:
        """The field that names the job's url, when there is one."""
        path = f"/jobs/{job.id}"
        absolute = f"{self.request.protocol}://{self.request.host}{path}"
        fields = {"relative": {"polling_url": path}, "absolute": {"polling_url": absolute}}
        return fields.get(self.chatbot.settings.polling_url, {})


class JobHandler(ChatbotHandler):
    """`GET /jobs/<id>`: a poll."""

    def get(self, job_id: str) -> None:
        """Move the job on by one step and say where it is."""
        job = self.find_job(job_id)
        self.check_session(job)
        job.poll()
        log.info("Job %s: %s (%d%%)", job.id, job.status, job.progress["progress"])
        self.reply(job.answer())

    def check_session(self, job: Job) -> None:
        """Warn about a poll that lost its session; in strict mode, refuse it as another worker would."""
        settings, sent = self.chatbot.settings, self.get_cookie(cookies.SESSION)
        log.info("Session: %r", sent)
        if settings.strict_sessions and (sent is None or self.lost_its_worker()):
            raise HTTPError(401, "Session expired")
        if sent == job.session:
            return
        log.warning("⚠️ Session mismatch! %s belongs to %r, the poll came with %r", job.id, job.session, sent)
        if settings.strict_sessions:
            raise HTTPError(404, "Job not found")

    def lost_its_worker(self) -> bool:
        """Whether the load balancer's cookie is missing where there is one."""
        return self.chatbot.settings.workers_cookie and self.get_cookie(cookies.STICKINESS) is None


class FailHandler(ChatbotHandler):
    """`POST /jobs/<id>/fail`: for tests, from any session."""

    def post(self, job_id: str) -> None:
        """Make the job fail."""
        job = self.find_job(job_id)
        job.fail("Manually failed for testing purposes")
        self.reply(job.answer())


class DeleteHandler(ChatbotHandler):
    """`DELETE /jobs/<id>/delete`: for tests, from any session."""

    def delete(self, job_id: str) -> None:
        """Forget the job."""
        self.chatbot.jobs.delete(self.find_job(job_id).id)
        self.reply({"job_id": job_id, "status": "deleted"})


class JobsHandler(ChatbotHandler):
    """`GET /jobs`: all jobs, for debugging."""

    def get(self) -> None:
        """List them, each with its session."""
        self.reply({"jobs": [{**job.answer(), "session_id": job.session} for job in self.chatbot.jobs]})


class HealthHandler(ChatbotHandler):
    """`GET /health`."""

    def get(self) -> None:
        """Say that the chatbot is there."""
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
