"""A cassette as a HAR 1.2 file, in the dialect of Chrome's DevTools. Each recording is a page of it.

The events of a stream are in `_eventSourceMessages`, their times in seconds since 1970. What HAR has no place for
(microseconds, chunk boundaries, how an exchange ended) is in `_chatreel`, in the log and in each entry: an object
without any text of the traffic, so that a tool that takes secrets out of a HAR file finds all of them where it looks.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from cassettes import model
from cassettes.file import format_v1
from cassettes.file.reader import Cassette
from cassettes.framings.sse import SSE
from cassettes.views.timeline import events, framing_of
from foundation import walltime
from foundation.http.cookies import SetCookie, cookies_sent, cookies_set
from foundation.http.headers import first
from foundation.http.urls import path_and_query

OF_REQUEST = ("exchange", "at", "http", "encoding")
OF_RESPONSE = ("at", "http", "encoding")

_encode = msgspec.json.Encoder().encode


def export(cassette: Cassette, numbers: Iterable[int] | None = None) -> Iterator[str]:
    """The text of a HAR file in pieces, an entry a piece: all exchanges of a cassette, or those with these numbers."""
    ours: dict[str, Any] = {"recordings": [format_v1.to_fields(header) for header in cassette.headers]}
    if numbers is None:
        ours["losses"] = [format_v1.to_fields(loss) for loss in cassette.losses]
    creator = {"name": "Chatreel", "version": version("chatreel")}
    pages = [_page(header, number) for number, header in enumerate(cassette.headers)]
    log = _text({"version": "1.2", "creator": creator, "pages": pages, "_chatreel": ours})
    yield f'{{"log":{log[:-1]},"entries":['
    separator = "\n"
    for number in range(len(cassette)) if numbers is None else numbers:
        recording = cassette.recording(number)
        yield separator + _text(entry(cassette.exchange(number), cassette.headers[recording], recording))
        separator = ",\n"
    yield "\n]}}\n"


def entry(exchange: model.Exchange, header: model.Header, recording: int) -> dict[str, Any]:
    """The HAR entry of an exchange; `recording` is the number of its recording in the cassette, from 0."""
    request, response, end = exchange.request, exchange.response, exchange.end
    began = _began(header)
    framing = framing_of(exchange)
    wait = max(0, (response or end).at - request.at)
    receive = max(0, end.at - request.at - wait)
    made: dict[str, Any] = {
        "pageref": _page_id(recording),
        "startedDateTime": walltime.to_text(began + request.at),
        "time": (wait + receive) / 1000,
        "request": _request(request),
        "response": _response(exchange),
        "cache": {},
        "timings": {
            "blocked": -1, "dns": -1, "connect": -1, "ssl": -1,
            "send": 0, "wait": wait / 1000, "receive": receive / 1000,
        },
        "_resourceType": "eventsource" if framing is SSE else "fetch",
    }  # fmt: skip
    if framing is not None:
        made["_eventSourceMessages"] = _messages(exchange, began)
    return made | {"_chatreel": _exact(exchange, recording)}


def _page(header: model.Header, recording: int) -> dict[str, Any]:
    """The page of a recording: viewers group entries by pages, and Firefox wants one."""
    return {
        "startedDateTime": walltime.to_text(_began(header)),
        "id": _page_id(recording),
        "title": header.upstream or f"Recording {recording}",
        "pageTimings": {"onContentLoad": -1, "onLoad": -1},
    }


def _page_id(recording: int) -> str:
    return f"recording_{recording}"


def _began(header: model.Header) -> int:
    try:
        return walltime.parse(header.created)
    except ValueError:  # a cassette can lack the time of day, a HAR file cannot
        return 0


def _request(request: model.Request) -> dict[str, Any]:
    made: dict[str, Any] = {
        "method": request.method,
        "url": request.url,
        "httpVersion": f"HTTP/{request.http}",
        "cookies": [cookie._asdict() for cookie in cookies_sent(request.headers)],
        "headers": _pairs(request.headers),
        "queryString": _pairs(_query(request.url)),
        "headersSize": -1,
        "bodySize": -1 if request.encoding else len(request.body),
    }
    if request.body:
        media = first(request.headers, "content-type")
        made["postData"] = {"mimeType": media, "params": [], **_content(request.body, encoding="_encoding")}
    return made


def _response(exchange: model.Exchange) -> dict[str, Any]:
    """The HAR response of an exchange; where there was none, one with status 0, as browsers write it."""
    body, end = exchange.body, exchange.end
    head = exchange.response
    headers = head.headers if head else ()
    made: dict[str, Any] = {
        "status": head.status if head else 0,
        "statusText": head.reason if head else "",
        "httpVersion": f"HTTP/{head.http}" if head else "",
        "cookies": [_set_cookie(cookie) for cookie in cookies_set(headers)],
        "headers": _pairs(headers),
        "content": {
            "size": len(body),
            "mimeType": first(headers, "content-type", "x-unknown"),
            **_content(body, encoding="encoding"),
        },
        "redirectURL": first(headers, "location"),
        "headersSize": -1,
        "bodySize": -1 if head is None or head.encoding else len(body),
    }
    return made if end.how == "complete" else made | {"_error": f"{end.how} {end.message}".rstrip()}


def _content(body: bytes, *, encoding: str) -> dict[str, str]:
    """A body as text, or in base64, which a field of the name `encoding` then says."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), encoding: "base64"}


def _messages(exchange: model.Exchange, began: int) -> list[dict[str, Any]]:
    return [
        {
            "time": (began + event.at) / 1_000_000,
            "eventName": event.type,
            "eventId": event.id,
            "data": event.data,
        }
        for event in events(exchange)
        if event.dispatched
    ]


def _exact(exchange: model.Exchange, recording: int) -> dict[str, Any]:
    """The fields of the records that HAR has no place for."""
    response = exchange.response
    return {
        "recording": recording,
        "request": _fields(exchange.request, OF_REQUEST),
        "response": None if response is None else _fields(response, OF_RESPONSE),
        "chunks": [{**one.extra, "at": one.at, "bytes": len(one.data)} for one in exchange.chunks],
        "losses": [format_v1.to_fields(loss) for loss in exchange.losses],
        "end": format_v1.to_fields(exchange.end),
    }


def _fields(record: model.Request | model.Response, names: tuple[str, ...]) -> dict[str, Any]:
    return {**{name: getattr(record, name) for name in names}, **record.extra}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(path_and_query(url)[1], keep_blank_values=True)


def _set_cookie(cookie: SetCookie) -> dict[str, Any]:
    """A cookie with those of its attributes that HAR has (RFC 6265, 4.1)."""
    entry: dict[str, Any] = {"name": cookie.name, "value": cookie.value}
    for name, value in cookie.attribute_values().items():
        match name:
            case "path" | "domain":
                entry[name] = value
            case "samesite":
                entry["sameSite"] = value
            case "httponly":
                entry["httpOnly"] = True
            case "secure":
                entry["secure"] = True
            case "expires":
                entry |= _expires(value)
    return entry


def _expires(value: str) -> dict[str, str]:
    try:
        expires = parsedate_to_datetime(value)
        return {"expires": (expires if expires.tzinfo else expires.replace(tzinfo=dt.UTC)).isoformat()}
    except (ValueError, OverflowError):
        return {}


def _text(value: dict[str, Any]) -> str:
    return _encode(value).decode()
