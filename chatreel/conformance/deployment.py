"""A deployment of the platform, asked over HTTP as its page asks it."""

from __future__ import annotations

import contextlib
import html.parser
from typing import Any, NamedTuple
from urllib.parse import urljoin

import requests

from cassettes.framings.sse import Decoder
from chatreel.cli.chatbot_urls import url_at
from chatreel.conformance.caller import LACKING, LONGEST_BODY
from chatreel.conformance.checked_conversation import CheckedConversation, json_object
from chatreel.conformance.pass_criteria import Skipped, Unmet, expect, expect_equal
from chatreel.conformance.target import Target
from foundation.clock import SECOND, SYSTEM, Clock
from foundation.errors import ServerError, UsageError
from platform_client.body import UNREACHABLE, chunks
from platform_client.cancellation import Cancellation
from platform_client.events import ClientEvent
from platform_client.failure_reason import failure_reason

PAGE = "/analytics/assistant"
STREAM = "/analytics/chat/stream"
SESSION = "/analytics/chat/sessions/"

TIMEOUT = 150.0
"""Seconds until a silence is given up; the platform sends a heartbeat after 120."""

LONGEST_ANSWER = 1800.0
"""Seconds until an answer is given up."""


class PlatformAnswer(NamedTuple):
    """An answer: its events, and the chat session that it belongs to ("" where the platform does not say)."""

    conversation: CheckedConversation
    session_id: str


class LoginForm(NamedTuple):
    """A form that asks for a password: where it goes, its hidden fields, and the names of the two others."""

    action: str
    hidden: dict[str, str]
    user: str
    password: str


class Deployment:
    """A platform at a url: its origin, or its page where that is not `/analytics/assistant`.

    `chatbot` is the one that it asks, if that is known. Raises UsageError for a url that cannot be.
    """

    def __init__(
        self, url: str, user: str, password: str, *, chatbot: Target | None = None, clock: Clock = SYSTEM
    ) -> None:
        self.origin, self.page = endpoints(url)
        self.chatbot = chatbot
        self.clock = clock
        self._credentials = user, password
        self._http = requests.Session()
        self._token = ""

    def sign_in(self) -> None:
        """Open the page, and fill in the form that comes first.

        Raises ServerError when nothing answers, UsageError when it does not let this user in.
        """
        user, password = self._credentials
        response = self._open(self.page)
        form = login_form(response.text)
        if form is not None:
            if not user:
                raise UsageError(f"{self.origin} asks who is there: give --user and --password")
            fields = {**form.hidden, form.user: user, form.password: password}
            response = self._open(urljoin(response.url, form.action), fields, response.url)
            if login_form(response.text) is not None:
                raise UsageError(f"{self.origin} does not let {user} in: look at --user and --password")
        if response.status_code != 200:
            raise ServerError(
                f"{self.page}: {response.status_code} {response.reason}; is the platform there?"
            )
        self._token = self._http.cookies.get("csrftoken") or hidden_fields(response.text).get(
            "csrfmiddlewaretoken", ""
        )

    def expect_page(self) -> None:
        """Raise Unmet unless the page is there."""
        expect_equal("the assistant's page is there", self._open(self.page).status_code, 200)

    def ask(self, query: str) -> PlatformAnswer:
        """Ask as the page does. Raises Unmet when there is no stream, or it does not end."""
        body = {
            "query": query,
            "conversation_history": [],
            "auto_load_documents": True,
            "memory_enabled": True,
        }
        headers = {"X-CSRFToken": self._token, "Referer": self.page}
        try:
            with self._http.post(
                self.origin + STREAM, json=body, headers=headers, stream=True, timeout=TIMEOUT
            ) as response:
                expect_equal("the stream begins", response.status_code, 200)
                kind = response.headers.get("Content-Type", "").partition(";")[0]
                expect_equal("it is an event stream", kind, "text/event-stream")
                conversation = CheckedConversation(responses=[response])
                self._listen(response, conversation)
                return PlatformAnswer(conversation, response.headers.get("Chat-Session-Id", ""))
        except UNREACHABLE as error:
            raise Unmet(f"POST {STREAM} is answered", "a whole stream", str(error)) from error

    def messages(self, session_id: str) -> list[dict[str, Any]]:
        """What the platform keeps of a chat session. Raises Skipped when it does not tell."""
        response = self._open(f"{self.origin}{SESSION}{session_id}") if session_id else None
        if response is None or response.status_code in LACKING:
            raise Skipped(
                f"the platform does not tell what it keeps ({SESSION}<id>): ask its database by SQL"
            )
        messages = json_object(response.content).get("messages")
        expect("the messages of a session are listed", isinstance(messages, list), "a list", messages)
        assert isinstance(messages, list)
        return [message for message in messages if isinstance(message, dict)]

    def _listen(self, response: requests.Response, conversation: CheckedConversation) -> None:
        until = self.clock.now() + round(LONGEST_ANSWER * SECOND)
        decoder = Decoder()
        room = LONGEST_BODY
        for chunk in chunks(response, Cancellation(self.clock)):
            for event in decoder.feed(chunk):
                if event.dispatched:
                    conversation.add(ClientEvent(event.type, event.data), self.clock.now())
            room -= len(chunk)
            if room < 0 or self.clock.now() > until:
                raise Unmet("the answer ends", "its end", f"{len(conversation.arrivals)} events so far")

    def _open(self, url: str, fields: dict[str, str] | None = None, referer: str = "") -> requests.Response:
        """Load a page, or send a form. Raises ServerError when nothing answers."""
        method = "GET" if fields is None else "POST"
        try:
            return self._http.request(
                method, url, data=fields, headers={"Referer": referer} if referer else {}, timeout=TIMEOUT
            )
        except UNREACHABLE as error:
            raise ServerError(
                f"cannot reach {self.origin}: {failure_reason(error)}; is the platform running there?"
            ) from error


def endpoints(url: str) -> tuple[str, str]:
    """The origin of a platform, and the url of its page. Raises UsageError."""
    parts = url_at(url, "--platform", PAGE)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin, origin + parts.path.rstrip("/")


class FormParser(html.parser.HTMLParser):
    """Finds the forms of a page: each one's action and its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[dict[str, str]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a form, or of an input of the last one."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((attributes.get("action", ""), []))
        elif tag == "input" and self.forms:
            self.forms[-1][1].append(attributes)


def forms_of(page: str) -> list[tuple[str, list[dict[str, str]]]]:
    """The forms of a page."""
    parser = FormParser()
    with contextlib.suppress(AssertionError):  # html.parser's way to refuse a broken declaration
        parser.feed(page)
    return parser.forms


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of all forms of a page."""
    inputs = [one for _, inputs in forms_of(page) for one in inputs]
    return {
        one["name"]: one.get("value", "") for one in inputs if one.get("type") == "hidden" and "name" in one
    }


def login_form(page: str) -> LoginForm | None:
    """The page's form that asks for a password; None when there is none."""
    for action, inputs in forms_of(page):
        named = {one.get("type", "text"): one["name"] for one in reversed(inputs) if "name" in one}
        if "password" in named:
            hidden = {
                one["name"]: one.get("value", "")
                for one in inputs
                if one.get("type") == "hidden" and "name" in one
            }
            user = named.get("text") or named.get("email") or "username"
            return LoginForm(action, hidden, user, named["password"])
    return None
