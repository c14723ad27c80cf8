"""HAR 1.2's rules: the fields that must be there, and their types."""

from __future__ import annotations

import datetime as dt
from typing import Any

NUMBER = (int, float)
PAIRS = [{"name": str, "value": str}]

PAGE = {
    "startedDateTime": str,
    "id": str,
    "title": str,
    "pageTimings": {"onContentLoad": NUMBER, "onLoad": NUMBER},
}
LOG = {"version": str, "creator": {"name": str, "version": str}, "pages": [PAGE], "entries": list}
ENTRY = {
    "pageref": str,
    "startedDateTime": str,
    "time": NUMBER,
    "request": {
        "method": str,
        "url": str,
        "httpVersion": str,
        "cookies": PAIRS,
        "headers": PAIRS,
        "queryString": PAIRS,
        "headersSize": int,
        "bodySize": int,
    },
    "response": {
        "status": int,
        "statusText": str,
        "httpVersion": str,
        "cookies": PAIRS,
        "headers": PAIRS,
        "content": {"size": int, "mimeType": str},
        "redirectURL": str,
        "headersSize": int,
        "bodySize": int,
    },
    "cache": dict,
    "timings": {"send": NUMBER, "wait": NUMBER, "receive": NUMBER},
}
POST_DATA = {"mimeType": str, "params": list, "text": str}
COOKIE = {"path": str, "domain": str, "expires": str, "httpOnly": bool, "secure": bool}

KNOWN = {
    "log": {*LOG, "browser", "comment"},
    "page": {*PAGE, "comment"},
    "entry": {*ENTRY, "serverIPAddress", "connection", "comment"},
    "request": {*ENTRY["request"], "postData", "comment"},
    "response": {*ENTRY["response"], "comment"},
    "content": {"size", "compression", "mimeType", "text", "encoding", "comment"},
    "postData": {*POST_DATA, "comment"},
    "timings": {"blocked", "dns", "connect", "send", "wait", "receive", "ssl", "comment"},
}


def check(har: Any) -> None:
    """Assert that a document is a HAR file."""
    holds(har, {"log": LOG}, "")
    log = har["log"]
    assert log["version"] == "1.2"
    named(log, "log")
    for page in log["pages"]:
        named(page, "page")
        assert dt.datetime.fromisoformat(page["startedDateTime"]).tzinfo is not None
    pages = {page["id"] for page in log["pages"]}
    assert len(pages) == len(log["pages"])
    for entry in log["entries"]:
        check_entry(entry)
        assert entry["pageref"] in pages


def check_entry(entry: Any) -> None:
    holds(entry, ENTRY, "entry")
    request, response = entry["request"], entry["response"]
    named(entry, "entry")
    named(request, "request")
    named(response, "response")
    named(response["content"], "content")
    named(entry["timings"], "timings")
    if "postData" in request:
        holds(request["postData"], POST_DATA, "postData")
        named(request["postData"], "postData")
    for cookie in response["cookies"]:
        assert {type(cookie[name]) is kind for name, kind in COOKIE.items() if name in cookie} <= {True}
        if "expires" in cookie:
            assert dt.datetime.fromisoformat(cookie["expires"]).tzinfo is not None
    assert dt.datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
    phases = [one for name, one in entry["timings"].items() if name != "ssl" and one >= 0]
    assert abs(sum(phases) - entry["time"]) <= 1e-9 * (1 + entry["time"])
    assert min(entry["timings"][name] for name in ("send", "wait", "receive")) >= 0


def holds(value: Any, shape: Any, where: str) -> None:
    """Assert that every field of a shape is there and of its type."""
    match shape:
        case dict():
            assert isinstance(value, dict), where
            for name, part in shape.items():
                assert name in value, f"{where}.{name}"
                holds(value[name], part, f"{where}.{name}")
        case [part]:
            assert isinstance(value, list), where
            for item in value:
                holds(item, part, where)
        case _:
            assert isinstance(value, shape), where


def named(value: Any, what: str) -> None:
    """Assert that fields which the standard does not know begin with an underscore."""
    assert {name for name in value if not name.startswith("_")} <= KNOWN[what], what
