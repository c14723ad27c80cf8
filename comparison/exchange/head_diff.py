"""Compares the heads of two responses: status, content type, the headers that the rules choose, and cookies."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from cassettes import model
from comparison.exchange.exchange_pair import ExchangePair
from comparison.result import Difference
from comparison.values.json_values import PlainText
from foundation.absent import ABSENT, Absent
from foundation.http.cookies import cookies_set
from foundation.http.headers import Headers, first
from replayer.matching.matcher import header

MOVING_ATTRIBUTE = "expires"
"""The attribute of a cookie whose value changes with the clock; only whether a cookie has it is compared."""


def status_differences(
    pair: ExchangePair, recorded: model.Response, live: model.Response
) -> Iterator[Difference]:
    """Yields the difference in the status."""
    if recorded.status != live.status:
        why = "the request failed" if live.status >= 400 > recorded.status else "the status is another"
        yield pair.difference("status", "changed", status_text(recorded), status_text(live), why)


def status_text(response: model.Response) -> str:
    """Returns the status and reason of a response."""
    return f"{response.status} {response.reason}".strip()


def type_differences(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference]:
    """Yields the difference in the content type, whose spelling does not count."""
    recorded_type, live_type = content_type(recorded), content_type(live)
    if recorded_type != live_type:
        yield pair.difference(
            "content-type",
            "changed",
            recorded_type or "nothing",
            live_type or "nothing",
            "clients read the body by its type",
            pointer="content-type",
        )


def content_type(headers: Headers) -> str:
    """Returns a content type in one spelling, without the boundary of a multipart body, which is random."""
    kind, *parameters = (part.strip() for part in first(headers, "content-type").split(";"))
    kept = sorted(part.lower().replace('"', "") for part in parameters if part)
    return "; ".join([kind.lower(), *(part for part in kept if not part.startswith("boundary="))])


def header_differences(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference]:
    """Yields the differences in the headers that the rules choose."""
    comparer = pair.comparer()
    for name in pair.rules.headers:
        for found in comparer.compare(header_value(recorded, name), header_value(live, name)):
            why = f"the header is to be compared: {found.why}"
            yield pair.difference("headers", found.change, found.recorded, found.live, why, pointer=name)


def header_value(headers: Headers, name: str) -> PlainText | Absent:
    """Returns the value of a header as a text that can be compared, ABSENT when there is none."""
    value = header(headers, name)
    return ABSENT if value is None else PlainText(value)


def cookie_differences(pair: ExchangePair, recorded: Headers, live: Headers) -> Iterator[Difference]:
    """Yields the cookies that only one side sets, and the attributes in which those of both differ."""
    left_out = incomparable(pair.recorded.request.url, pair.live.request.url)
    recorded_cookies, live_cookies = cookies(recorded), cookies(live)
    for name in recorded_cookies | live_cookies:
        if name not in live_cookies:
            yield pair.difference(
                "cookies",
                "removed",
                name,
                "nothing",
                "clients have no such cookie to send back",
                pointer=name,
            )
        elif name not in recorded_cookies:
            yield pair.difference("cookies", "added", "nothing", name, "it was not set before", pointer=name)
        else:
            yield from attribute_differences(pair, name, recorded_cookies[name], live_cookies[name], left_out)


def attribute_differences(
    pair: ExchangePair, name: str, recorded: dict[str, str], live: dict[str, str], left_out: frozenset[str]
) -> Iterator[Difference]:
    """Yields the differences in the attributes of a cookie, but for those that are left out."""
    if "secure" in left_out:  # browsers refuse SameSite=None without Secure, so both are removed together
        recorded, live = without_same_site_none(recorded), without_same_site_none(live)
    for attribute in sorted((recorded.keys() | live.keys()) - left_out):
        recorded_value, live_value = recorded.get(attribute), live.get(attribute)
        if recorded_value != live_value:
            yield pair.difference(
                "cookies",
                "changed",
                attribute_text(attribute, recorded_value),
                attribute_text(attribute, live_value),
                f"the cookie's {attribute} is another",
                pointer=name,
            )


def without_same_site_none(attributes: dict[str, str]) -> dict[str, str]:
    """Returns the attributes of a cookie without SameSite=None."""
    return {name: value for name, value in attributes.items() if (name, value) != ("samesite", "none")}


def attribute_text(name: str, value: str | None) -> str:
    """Returns an attribute of a cookie for a person."""
    return f"no {name}" if value is None else f"{name}={value}" if value else name


def cookies(headers: Headers) -> dict[str, dict[str, str]]:
    """Returns the attributes of each cookie that a response sets, in lower case; the last of equal names counts."""
    return {
        cookie.name: {
            name: "" if name == MOVING_ATTRIBUTE else value.lower()
            for name, value in cookie.attribute_values().items()
        }
        for cookie in cookies_set(headers)
    }


def incomparable(recorded: str, live: str) -> frozenset[str]:
    """Returns the attributes of cookies that cannot be compared between responses of these two urls.

    The `Domain` of another host is another one. Over plain HTTP no client sends a `Secure` cookie back, so a replay,
    or a proxy, removes that, and with it `Partitioned` and `SameSite=None`.
    """
    try:
        recorded_url, live_url = urlsplit(recorded), urlsplit(live)
        same_host = recorded_url.hostname == live_url.hostname
    except ValueError:  # half an address
        return frozenset({"domain", "secure"})
    if live_url.scheme == "http":
        return frozenset({"domain", "secure", "partitioned"})
    return frozenset() if same_host else frozenset({"domain"})
