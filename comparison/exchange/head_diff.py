"""The heads of two responses: status, content type, chosen headers, cookies."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cassettes import model
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference
from comparison.values.json_values import PlainText
from foundation.absent import ABSENT
from foundation.http.cookies import cookies_set
from foundation.http.headers import Headers, first
from replayer.matching.matcher import header

MOVING_ATTRIBUTE = "expires"
"""The attribute of a cookie that moves with the clock: that it is there is compared, not what it is."""


def status_differences(
    pair: ExchangePair, recorded: model.Response, live: model.Response
) -> Iterator[Difference]:
    """When the status is another."""
    if recorded.status != live.status:
        why = "the request failed" if live.status >= 400 > recorded.status else "the status is another"
        yield pair.difference("status", "changed", status_text(recorded), status_text(live), why)


def status_text(response: model.Response) -> str:
    """A status and its reason."""
    return f"{response.status} {response.reason}".strip()


def type_differences(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference]:
    """When the content type is another, in any spelling."""
    ours, theirs = (content_type(headers) for headers in (recorded, live))
    if ours != theirs:
        yield pair.difference(
            "content-type",
            "changed",
            ours or "nothing",
            theirs or "nothing",
            "clients read the body by its type",
            pointer="content-type",
        )


def content_type(headers: Headers) -> str:
    """A content type in one spelling; the boundary of a multipart body is drawn."""
    kind, *parameters = (part.strip() for part in first(headers, "content-type").split(";"))
    kept = sorted(part.lower().replace('"', "") for part in parameters if part)
    return "; ".join([kind.lower(), *(part for part in kept if not part.startswith("boundary="))])


def header_differences(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference]:
    """The chosen headers that are not the same."""
    comparer = pair.comparer()
    for name in pair.rules.headers:
        ours, theirs = (header(headers, name) for headers in (recorded, live))
        before, now = (ABSENT if one is None else PlainText(one) for one in (ours, theirs))
        for found in comparer.compare(before, now):
            why = f"the header is to be compared: {found.why}"
            yield pair.difference("headers", found.change, found.recorded, found.live, why, pointer=name)


def cookie_differences(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference]:
    """The cookies that one side sets alone, and those whose attributes are not the same."""
    left_out = incomparable(pair.recorded.request.url, pair.live.request.url)
    ours, theirs = cookies(recorded), cookies(live)
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        if name not in theirs:
            yield pair.difference(
                "cookies",
                "removed",
                name,
                "nothing",
                "clients have no such cookie to send back",
                pointer=name,
            )
        elif name not in ours:
            yield pair.difference("cookies", "added", "nothing", name, "it was not set before", pointer=name)
        else:
            yield from attribute_differences(pair, name, ours[name], theirs[name], left_out)


def attribute_differences(
    pair: ExchangePair, name: str, recorded: dict[str, str], live: dict[str, str], left_out: frozenset[str]
) -> Iterator[Difference]:
    """Each attribute of a cookie that is not the same."""
    if "secure" in left_out:  # browsers refuse SameSite=None without it, so it went away with it
        pairs = ([one for one in side.items() if one != ("samesite", "none")] for side in (recorded, live))
        recorded, live = map(dict, pairs)
    for attribute in sorted((recorded.keys() | live.keys()) - left_out):
        ours, theirs = recorded.get(attribute), live.get(attribute)
        if ours != theirs:
            why = f"the cookie's {attribute} is another"
            before, now = spelled_attribute(attribute, ours), spelled_attribute(attribute, theirs)
            yield pair.difference("cookies", "changed", before, now, why, pointer=name)


def spelled_attribute(name: str, value: str | None) -> str:
    """An attribute for a person."""
    return f"no {name}" if value is None else f"{name}={value}" if value else name


def cookies(headers: Headers) -> dict[str, dict[str, str]]:
    """The attributes of each cookie that a response sets, in lower case; of equal names the last one counts."""
    return {
        cookie.name: {
            name: "" if name == MOVING_ATTRIBUTE else value.lower()
            for name, value in cookie.attribute_values().items()
        }
        for cookie in cookies_set(headers)
    }


def incomparable(recorded: str, live: str) -> frozenset[str]:
    """Attributes that say nothing here.

    A `Domain` elsewhere is another one. Over plain HTTP no client sends a `Secure` cookie back, so a replay, or a
    proxy, takes that away, and with it `Partitioned` and `SameSite=None`.
    """
    try:
        ours, theirs = urlsplit(recorded), urlsplit(live)
        found = {"domain"} if ours.hostname != theirs.hostname or theirs.scheme == "http" else set()
    except ValueError:  # half an address
        return frozenset({"domain", "secure"})
    return frozenset(found | {"secure", "partitioned"} if theirs.scheme == "http" else found)
