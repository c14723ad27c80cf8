"""Tells in plain words why a request had no response, in the place of the texts of requests and urllib3.

ConnectionError(MaxRetryError("HTTPConnectionPool(...): Max retries exceeded ... [Errno 111] Connection refused"))
    Connection refused
"""

from __future__ import annotations

import http.client
import os
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions


def failure_reason(error: BaseException) -> str:
    """Return why a request failed, on one line: the words for the first cause that is known, else its own text."""
    if isinstance(error, requests.HTTPError):
        return str(error)  # the status, its phrase and the url
    causes = [error] if type(error) is ValueError else list(chain(error))  # such an error has words of ours
    for cause in causes:
        for kind, words in REASONS.items():
            if isinstance(cause, kind):
                return words
        if isinstance(cause, ssl.SSLError):
            return tls_reason(cause)
        if isinstance(cause, OSError) and isinstance(cause.errno, int):
            return os.strerror(cause.errno)
    return " ".join(str(causes[-1]).split()) or type(causes[-1]).__name__


def chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, what caused it, what caused that, and so on."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def tls_reason(error: ssl.SSLError) -> str:
    """Return why TLS failed, without the names of OpenSSL's functions and lines."""
    why = (
        getattr(error, "verify_message", "") or getattr(error, "reason", "") or "the handshake was broken off"
    )
    return f"TLS failed: {why.lower().replace('_', ' ')}"


REASONS: dict[type[BaseException], str] = {
    http.client.RemoteDisconnected: "it closed the connection without an answer",
    http.client.BadStatusLine: "it sent no HTTP answer",
    http.client.LineTooLong: "it sent no HTTP answer",
    http.client.IncompleteRead: "the answer broke off",
    urllib3.exceptions.IncompleteRead: "the answer broke off",
    urllib3.exceptions.InvalidChunkLength: "the answer broke off",
    urllib3.exceptions.DecodeError: "the answer is not in the content encoding that it names",
    urllib3.exceptions.LocationParseError: "this is no url",
    requests.exceptions.InvalidURL: "this is no url",
    requests.Timeout: "it did not answer in time",
    urllib3.exceptions.ReadTimeoutError: "it did not answer in time",
    socket.gaierror: "the name of the host is not known",
    TimeoutError: "it did not answer in time",
    ConnectionResetError: "it reset the connection",
}
"""What is said of each kind of error; of kinds that include each other, the narrower comes first."""
