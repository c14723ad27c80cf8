"""Logs the cookies that a session receives and sends."""

from __future__ import annotations

import logging

import requests

log = logging.getLogger("platform_client")


def log_received(response: requests.Response, session: requests.Session) -> None:
    """Log the cookies of a first response, and all that the session has now."""
    if response.cookies:
        log.info("✅ Cookies received: %s", response.cookies.get_dict())
    else:
        log.warning("⚠️ NO COOKIES received")
    log.info("✅ Session cookies: %s", session.cookies.get_dict())


def log_sent(session: requests.Session, url: str) -> None:
    """Log the cookies that a request to `url` carries. Raises RequestException when the url is invalid."""
    log.info("🔑 Sending cookies: %s", sendable(session, url))


def sendable(session: requests.Session, url: str) -> dict[str, str]:
    """The cookies that go to `url`: a session keeps others back, such as `Secure` ones over plain HTTP."""
    header = session.prepare_request(requests.Request("GET", url)).headers.get("Cookie", "")
    pairs = (pair.partition("=") for pair in header.split("; ") if pair)
    return {name: value for name, _, value in pairs}
