r"""Gives the values of a HAR entry that are of a wrong type the one plain meaning that they have.

"status": "200", 200.0                 200
"status": "error"                      0, and the error "error"
"headers": {"Host": "h"}, [["Host", "h"]]    [{"name": "Host", "value": "h"}]
"value": 2                             "2"
"text": {"a": 1}                       "{\"a\":1}"
"startedDateTime": 1767225600000       "2026-01-01T00:00:00.000000Z"
"url": "/a", with the header Host: h   "http://h/a"
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import msgspec

from cassettes.har.schema import Exact
from foundation import walltime

type Fields = dict[str, Any]
type Meaning = Callable[[Any], Any]

SECONDS_END = 10**11
"""A number beyond this is a time in milliseconds since 1970; one up to it is one in seconds, until the year 5138."""

OFFSET_WITHOUT_COLON = re.compile(r"([+-]\d\d)(\d\d)\Z")


class NoEntry(ValueError):
    """A value has no meaning where it stands; the message names the field."""


def plain_entry(entry: Any) -> Fields:
    """Return an entry with the plain meaning of its values; raises NoEntry where one has none."""
    if not isinstance(entry, dict):
        raise NoEntry(f"expected an object, found {shown(entry)}")
    request = entry.get("request")
    if not isinstance(request, dict):
        raise NoEntry(f"request: expected an object, found {shown(request)}")
    return {
        **entry,
        "startedDateTime": started(entry.get("startedDateTime")),
        "time": number(entry.get("time")),
        "request": plain_request(request),
        "response": plain_response(entry.get("response")),
        "timings": each(entry.get("timings"), number),
        "_eventSourceMessages": messages(entry.get("_eventSourceMessages")),
        "_resourceType": text(entry.get("_resourceType")),
        "_chatreel": own_fields(entry.get("_chatreel")),
    }


def own_fields(value: Any) -> Fields | None:
    """Return Chatreel's own fields; None when they were changed so that they are none."""
    try:
        return value if msgspec.convert(value, Exact | None) else None
    except msgspec.ValidationError:
        return None


def plain_request(request: Fields) -> Fields:
    """Return a request with the plain meaning of its values; raises NoEntry without a method and a url."""
    headers = named_values(request.get("headers"))
    method = request.get("method")
    if not isinstance(method, str) or not method:
        raise NoEntry(f"request.method: expected a method, found {shown(method)}")
    return {
        **request,
        "url": absolute(request.get("url"), headers),
        "httpVersion": text(request.get("httpVersion")),
        "headers": headers,
        "postData": post_data(request.get("postData")),
        "bodySize": number(request.get("bodySize")),
    }


def plain_response(response: Any) -> Fields | None:
    """Return a response with the plain meaning of its values; None when there is none."""
    if not isinstance(response, dict):
        return None
    code = number(response.get("status"))
    why = text(response.get("_error"))
    if code is None and response.get("status") is not None:
        why = why or text(response["status"])
    content = response.get("content")
    return {
        **response,
        "status": 0 if code is None else int(code),
        "statusText": text(response.get("statusText")),
        "httpVersion": text(response.get("httpVersion")),
        "headers": named_values(response.get("headers")),
        "bodySize": number(response.get("bodySize")),
        "content": plain_content(content) if isinstance(content, dict) else None,
        "_error": why,
    }


def plain_content(content: Fields) -> Fields:
    """Return the content of a response with the plain meaning of its values."""
    return {
        **content,
        "size": number(content.get("size")),
        "compression": number(content.get("compression")),
        "text": text(content.get("text")),
        "encoding": text(content.get("encoding")),
    }


def post_data(value: Any) -> Fields | None:
    """Return the body of a request; a text alone is one, too."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return {"text": text(value)}
    return {
        **value,
        "mimeType": text(value.get("mimeType")),
        "text": text(value.get("text")),
        "params": named_values(value.get("params")),
        "encoding": text(value.get("encoding")),
        "_encoding": text(value.get("_encoding")),
    }


def messages(value: Any) -> list[Fields] | None:
    """Return the events of a stream; those that are no objects are left out."""
    if not isinstance(value, list):
        return None
    return [
        {
            "time": number(one.get("time")),
            "eventName": text(one.get("eventName")),
            "eventId": text(one.get("eventId")),
            "data": text(one.get("data")),
        }
        for one in value
        if isinstance(one, dict)
    ]


def named_values(value: Any) -> list[Fields]:
    """Return headers or parameters that are a list of objects, of pairs or of lines, or one object."""
    if isinstance(value, dict):
        pairs = [
            (name, one)
            for name, found in value.items()
            for one in (found if isinstance(found, list) else [found])
        ]
    elif isinstance(value, list):
        pairs = [pair for item in value if (pair := named_value(item)) is not None]
    else:
        pairs = []
    return [{"name": text(name) or "", "value": text(one)} for name, one in pairs]


def named_value(item: Any) -> tuple[Any, Any] | None:
    """Return the name and the value of one header or parameter; None when it is neither."""
    match item:
        case {"name": name, **rest}:
            return name, rest.get("value")
        case [name, value]:
            return name, value
        case str() if ":" in item:
            name, _, value = item.partition(":")
            return name, value.strip()
        case dict() if len(item) == 1 and "value" not in item:
            return next(iter(item.items()))
        case _:
            return None


def text(value: Any) -> str | None:
    """Return a value as text: what is none is written as JSON."""
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()


def number(value: Any) -> float | None:
    """Return a value as a number; None when it is none."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def each(value: Any, meaning: Meaning) -> Fields | None:
    """Return an object with the meaning of each of its values; None when it is no object."""
    return {name: meaning(one) for name, one in value.items()} if isinstance(value, dict) else None


def started(value: Any) -> str:
    """Return the time when an entry began, in ISO 8601; raises NoEntry when it is no time."""
    moment = number(value)
    if moment is not None:
        microseconds = moment * 1000 if moment > SECONDS_END else moment * 1_000_000
        return walltime.to_text(round(min(max(microseconds, walltime.FIRST), walltime.LAST)))
    if isinstance(value, str):
        written = OFFSET_WITHOUT_COLON.sub(r"\1:\2", value.strip())
        try:
            return walltime.to_text(walltime.parse(written))
        except ValueError:
            pass
    raise NoEntry(f"startedDateTime: expected a time in ISO 8601, found {shown(value)}")


def absolute(url: Any, headers: list[Fields]) -> str:
    """Return an absolute url, of the host that the headers name when it has none; raises NoEntry without either."""
    if not isinstance(url, str) or not url:
        raise NoEntry(f"request.url: expected a url, found {shown(url)}")
    if not url.startswith("/"):
        return url
    if url.startswith("//"):
        return f"http:{url}"
    host = next((one["value"] for one in headers if one["name"].lower() in {"host", ":authority"}), None)
    if not host:
        raise NoEntry(f"request.url: expected an absolute url or a Host header, found {shown(url)}")
    return f"http://{host}{url}"


def shown(value: Any) -> str:
    """Return the beginning of a value for a message, "nothing" when it is missing."""
    if value is None:
        return "nothing"
    written = msgspec.json.encode(value).decode()
    return written if len(written) <= 60 else f"{written[:60]}..."
