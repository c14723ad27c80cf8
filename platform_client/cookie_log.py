"""Logs the cookies that a session receives and sends."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import requests

log = logging.getLogger("platform_client")


@dataclass(frozen=True)
class Wording:
    """The log lines for which the users' documents have different words for the command and the platform."""

    cookies_received: str = "✅ Cookies received: %s"
    cookies_sent: str = "🔑 Sending cookies: %s"
    poll_attempt: str = "Poll attempt %d/%d"


COMMAND = Wording()

PLATFORM = Wording(
    cookies_received="✅ Cookies received from chatbot: %s",
    cookies_sent="🔑 Sending cookies with polling request: %s",
    poll_attempt="Polling attempt %d/%d",
)


def log_received(response: requests.Response, session: requests.Session, wording: Wording) -> None:
    """Log the cookies of a first response, and all that the session has now."""
    if response.cookies:
        log.info(wording.cookies_received, response.cookies.get_dict())
    else:
        log.warning("⚠️ NO COOKIES received")
    log.info("✅ Session cookies: %s", session.cookies.get_dict())


def log_sent(session: requests.Session, url: str, wording: Wording) -> None:
    """Log the cookies that a request to `url` carries. Raises RequestException when the url is invalid."""
    log.info(wording.cookies_sent, sendable(session, url))


def sendable(session: requests.Session, url: str) -> dict[str, str]:
    """The cookies that go to `url`: a session keeps others back, such as `Secure` ones over plain HTTP."""
    header = session.prepare_request(requests.Request("GET", url)).headers.get("Cookie", "")
    pairs = (pair.partition("=") for pair in header.split("; ") if pair)
    return {name: value for name, _, value in pairs}
