"""The places of an exchange where a value can stand: what the server issues, and what the client sends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from cassettes import model
from cassettes.framings.recognition import FRAMINGS
from foundation import exact_json, json_pointer
from foundation.http.cookies import cookies_sent, cookies_set
from foundation.http.headers import Headers, media_type
from foundation.http.urls import URLS_KEPT, split_path_and_query

SILENT_HEADERS = re.compile(
    "accept.*|age|cache-control|connection|content-.*|cookie|date|expires|host|keep-alive|last-modified|server|"
    "set-cookie|transfer-encoding|upgrade|user-agent|vary|via|x-accel-buffering"
)
"""Headers that carry no token; cookies are read apart from the other headers."""

DEEPEST = 64
"""Levels of nested JSON that are read, so that a body that was made to be slow costs no more than others."""

LONGEST_KEPT = 4096
"""Bytes of the body of a request whose values are kept, at most."""

REQUESTS_KEPT = 1024
"""Requests whose values are kept."""

SPACE = re.compile(r"\s")


class TokenPlace(NamedTuple):
    """A value and where it stands: `kind` is cookie, path, query, header or body.

    `name` is the cookie's, the parameter's or the header's name, the place of a path's segment, or a JSON
    pointer (RFC 6901).
    """

    kind: str
    name: str
    value: str


def sent(request: model.Request) -> Iterator[TokenPlace]:
    """The values that a request sends, those of its cookies first."""
    return sent_in(request.url, request.headers, request.body)


def sent_values(request: model.Request) -> Sequence[str]:
    """The values of `sent`; kept for requests that come again, such as polls."""
    if len(request.body) > LONGEST_KEPT:
        return [place.value for place in sent(request)]
    return values_kept(request.url, request.headers, request.body)


@lru_cache(maxsize=REQUESTS_KEPT)
def values_kept(url: str, headers: Headers, body: bytes) -> Sequence[str]:
    """The values of `sent_in`, kept."""
    return tuple(place.value for place in sent_in(url, headers, body))


def sent_in(url: str, headers: Headers, body: bytes) -> Iterator[TokenPlace]:
    """The values that a request with this url, these headers and this decoded body sends, its cookies first."""
    yield from cookies(headers)
    yield from of_url(url)
    yield from of_headers(headers)
    yield from _body(body, media_type(headers))


def issued(exchange: model.Exchange) -> Iterator[TokenPlace]:
    """The values that a response gives its client; nothing where there is no response."""
    response = exchange.response
    if response is None:
        return
    for cookie in cookies_set(response.headers):
        yield TokenPlace("cookie", cookie.name, cookie.value)
    yield from of_headers(response.headers)
    yield from _body(exchange.body, media_type(response.headers))


def cookies(headers: Headers) -> Iterator[TokenPlace]:
    """The cookies that a request sends."""
    for cookie in cookies_sent(headers):
        yield TokenPlace("cookie", cookie.name, cookie.value)


@lru_cache(maxsize=URLS_KEPT)
def of_url(url: str) -> tuple[TokenPlace, ...]:
    """The segments of a url's path and the values of its query, remembered."""
    return tuple(_target(url))


def _target(url: str) -> Iterator[TokenPlace]:
    """The segments of a url's path and the values of its query."""
    path, query = split_path_and_query(url.partition("#")[0])
    for position, segment in enumerate(path.split("/")):
        if segment:
            yield TokenPlace("path", str(position), unquote(segment))
    for name, value in parse_qsl(query):
        yield TokenPlace("query", name, value)


def of_headers(headers: Headers) -> Iterator[TokenPlace]:
    """The words in the values of headers, except for cookies and headers that carry no token."""
    for name, value in headers:
        if not _is_silent(name):
            for word in value.split():
                yield from _string("header", name.lower(), word)


@lru_cache(maxsize=1024)
def _is_silent(name: str) -> bool:
    return SILENT_HEADERS.fullmatch(name.lower()) is not None


def _body(body: bytes, media_type: str) -> Iterator[TokenPlace]:
    if not body:
        return
    if media_type in FRAMINGS:
        for event in FRAMINGS[media_type].decoder().feed(body):
            yield from _leaves(_json(event.data.encode()), "")
    elif media_type == "application/x-www-form-urlencoded":
        for name, value in parse_qsl(body.decode("utf-8", "replace")):
            yield TokenPlace("body", f"/{name}", value)
    else:
        yield from _leaves(_json(body), "")


def _json(text: bytes) -> Any:
    """The JSON value of a text, or None when it is not JSON."""
    try:
        return exact_json.decode_inexactly(text)
    except (ValueError, RecursionError):
        return None


def _leaves(value: Any, pointer: str, depth: int = 0) -> Iterator[TokenPlace]:
    if isinstance(value, str):
        yield from _string("body", pointer, value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield TokenPlace("body", pointer, str(value))
    elif depth < DEEPEST and isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _leaves(item, f"{pointer}/{json_pointer.escaped(str(key))}", depth + 1)


def _string(kind: str, name: str, value: str) -> Iterator[TokenPlace]:
    """A string is a value; of a url or a path each part is one as well."""
    yield TokenPlace(kind, name, value)
    if value.startswith(("http://", "https://", "/")) and not SPACE.search(value):
        for place in _target(value):
            yield TokenPlace(kind, name, place.value)
