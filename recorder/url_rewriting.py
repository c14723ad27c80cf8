"""Rewrites a response for the client of a reverse proxy, so that it goes on talking to the proxy.

In headers and in text bodies, the origin of the upstream is replaced by that of the proxy. Cookies lose what would keep
the client from sending them back: `Domain`, and where the client speaks plain HTTP `Secure` and the names that need it.
The cassette keeps the response as the upstream sent it.

A body is rewritten piece by piece. Only a tail that may be the beginning of the upstream's origin, or an origin that
may go on, is held back. For the upstream http://up and the proxy http://me:

    feed(b"see http://u")      returns b"see "           and holds back "http://u"
    feed(b"p")                 returns b""               and holds back "http://up": it may become http://up.example
    feed(b"/faq")              returns b"http://me/faq"  and holds back nothing
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Self
from urllib.parse import quote, urlsplit

from foundation.http.cookies import Attribute, edit_attributes, without_prefix
from foundation.http.headers import Headers, media_type, values, without
from recorder.content_coding import BrokenCoding, decoder_for

DEFAULT_PORTS = {"http": 80, "https": 443}
OTHER_ORIGIN = rb"(?![a-z0-9_@-]|\.[a-z0-9]|:[0-9]|%3a[0-9]|%40)"
"""Refuses what would make it another origin: a longer host, another port, or an @ (so it was a user's name)."""

UNDECIDED = (b"", b".", b":", b"%3a", b"%4")
"""What can follow a url so that more is needed to tell whether it is another origin."""

NO_SCHEME = rb"(?<![a-z0-9:/\\.%_+-])"
"""Refuses what would make a url without a scheme, or with that of WebSocket, a part of another url or path."""

TEXT_TYPES = re.compile(r"text/.*|application/((.*\+)?(json|xml)|x-ndjson|javascript)")


STYLES: tuple[Callable[[str], str], ...] = (
    lambda url: url,
    lambda url: url.replace("/", r"\/"),
    lambda url: url.replace("/", r"\u002f"),
    lambda url: quote(url, safe=""),
)
"""How a url can be spelled: as it is, in two ways with slashes that JSON escapes, and percent-encoded in a query."""


class UrlRewriter:
    r"""Replaces the origin `upstream` by the origin `proxy`; both are `scheme://host[:port]`.

    The upstream is also known by the other scheme, by those of WebSocket, without a scheme, and in any of STYLES:

        http://up/a    https://up/a    ws://up/a    //up/a    http:\/\/up\/a    http%3A%2F%2Fup%2Fa
    """

    def __init__(self, upstream: str, proxy: str) -> None:
        urls = replacements(upstream, proxy)
        spelled = {
            style(url).lower().encode(): style(new).encode() for style in STYLES for url, new in urls.items()
        }
        absolute = [form for form in spelled if form.startswith(b"http")]
        others = [form for form in spelled if not form.startswith(b"http")]
        self._replacements = spelled
        self._pattern = re.compile(
            b"(?:%s|%s(?:%s))%s" % (alternatives(absolute), NO_SCHEME, alternatives(others), OTHER_ORIGIN)
        )
        self._beginnings = frozenset(
            (form + more)[:end]
            for form in spelled
            for more in UNDECIDED
            for end in range(1, len(form + more) + 1)
        )
        self._longest = max(map(len, self._beginnings))
        host = host_of(upstream).lower()
        self._hosts = {style(host).lower().encode() for style in STYLES}

    def rewrite(self, data: bytes, before: bytes = b"") -> bytes:
        """Return the data with the upstream's origin replaced by the proxy's; `before` is the byte before the data."""
        return self._replace(data, before, len(data))

    def rewrite_prefix(self, data: bytes, before: bytes = b"") -> tuple[bytes, bytes]:
        """Rewrite data that may go on; returns what is final, and the tail whose rewriting depends on what follows."""
        cut = len(data) if data.endswith(b"\n") else self._cut(data)
        return self._replace(data, before, cut), data[cut:]

    def _cut(self, data: bytes) -> int:
        """Return where the data ends in what may be the beginning of a url; its length when nowhere."""
        end = data[-self._longest :].lower()
        return len(data) - next((len(end) - at for at in range(len(end)) if end[at:] in self._beginnings), 0)

    def _replace(self, data: bytes, before: bytes, end: int) -> bytes:
        """Return the data up to `end`, with the urls replaced that begin there."""
        lower = before + data.lower()
        if not any(host in lower for host in self._hosts):
            return data[:end]
        done, at, shift = [], 0, len(before)
        while (found := self._pattern.search(lower, at + shift)) and found.start() - shift < end:
            done += [data[at : found.start() - shift], self._replacements[found[0]]]
            at = found.end() - shift
        return b"".join([*done, data[at:end]])

    def headers(self, headers: Headers, *, secure: bool) -> Headers:
        """Return the headers for the client; `secure` says whether it speaks TLS to the proxy."""
        return tuple((name, self._header(name, value, secure=secure)) for name, value in headers)

    def _header(self, name: str, value: str, *, secure: bool) -> str:
        if name.lower() == "set-cookie":
            value = local_cookie(value, secure=secure)
        return self.rewrite(value.encode("latin-1")).decode("latin-1")


@functools.lru_cache(maxsize=64)
def url_rewriter(upstream: str, proxy: str) -> UrlRewriter:
    """Return what replaces an origin by another; kept, because its patterns take longer to make than to use."""
    return UrlRewriter(upstream, proxy)


class BodyRewriter:
    """Rewrites a body piece by piece, holding back only an origin that the end of a piece cuts."""

    def __init__(self, urls: UrlRewriter) -> None:
        self._urls = urls
        self._held = b""
        self._before = b""  # the byte before it

    def feed(self, data: bytes) -> bytes:
        """Return what can be forwarded now."""
        data = self._held + data if self._held else data
        done, self._held = self._urls.rewrite_prefix(data, self._before)
        end = len(data) - len(self._held)
        self._before = data[end - 1 : end] if end else self._before
        return done

    def close(self) -> bytes:
        """Return what was held back; no more data follows."""
        held, self._held = self._held, b""
        return self._urls.rewrite(held, self._before)


def replacements(upstream: str, proxy: str) -> dict[str, str]:
    """Return the urls by which the upstream is known, without a path, each with what replaces it."""
    scheme, host = urlsplit(upstream).scheme, host_of(upstream)
    default = DEFAULT_PORTS[scheme]
    port = urlsplit(upstream).port or default
    known: dict[str, str] = {}
    for kind, new in (
        ("http:", proxy),
        ("https:", proxy),
        ("ws:", proxy.replace("http", "ws", 1)),
        ("wss:", proxy.replace("http", "ws", 1)),
        ("", proxy.partition(":")[2]),
    ):
        own = DEFAULT_PORTS[kind.removesuffix(":").replace("ws", "http", 1) or scheme]
        for ending in ("", f":{own}") if port == default else (f":{port}",):
            known[f"{kind}//{host}{ending}"] = new
    return known


def host_of(origin: str) -> str:
    """Return the host of an origin, in brackets when it is an IPv6 address."""
    host = urlsplit(origin).hostname or ""
    return f"[{host}]" if ":" in host else host


def alternatives(texts: Iterable[bytes]) -> bytes:
    """Return a regular expression for any of these texts, the longest first: a port goes with its host."""
    return b"|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))


def is_text(headers: Headers) -> bool:
    """Return whether the body is of a text type, whose urls are rewritten."""
    return TEXT_TYPES.fullmatch(media_type(headers)) is not None


def local_cookie(cookie: str, *, secure: bool) -> str:
    """Return a `Set-Cookie` without what would keep a client of the proxy from sending it (RFC 6265, 5.3 and 5.4).

    Browsers take a cookie whose name begins with `__Host-` or `__Secure-` only with `Secure`, so over plain HTTP it has
    another name (`without_prefix`); `original_cookies` gives the upstream its own name back.
    """
    dropped = {"domain"} if secure else {"domain", "secure", "partitioned"}

    def kept(attribute: Attribute, text: str) -> str | None:
        # Browsers refuse SameSite=None and Partitioned without Secure.
        cross_site = attribute.name == "samesite" and attribute.value.lower() == "none"
        return None if attribute.name in dropped or (cross_site and not secure) else text

    edited = edit_attributes(cookie, kept)
    return edited if secure else without_prefix(edited)


def without_validators(headers: Headers) -> Headers:
    """Return the headers without digests of a body that was changed, and with a weak `ETag` (RFC 9110, 8.8.1)."""
    kept = without(headers, "content-md5", "digest", "content-digest", "repr-digest")
    return tuple(
        (name, f"W/{value}" if name.lower() == "etag" and value.startswith('"') else value)
        for name, value in kept
    )


class BodyForwarder:
    """Decodes a body, where it is encoded, and rewrites it on its way to the client."""

    def __init__(self, urls: UrlRewriter, encoding: str) -> None:
        self._rewriter = BodyRewriter(urls)
        self._decoder = decoder_for(encoding)

    @classmethod
    def of(cls, headers: Headers, urls: UrlRewriter) -> Self | None:
        """Return the forwarder for a response's body.

        Returns None when the body is to pass unchanged: it is no text, or its content coding cannot be undone.
        """
        encoding = ", ".join(values(headers, "content-encoding"))
        if not is_text(headers) or (encoding and decoder_for(encoding) is None):
            return None
        return cls(urls, encoding)

    def headers(self, headers: Headers, *, chunked: bool) -> Headers:
        """Return the headers that fit the forwarded body, whose length is unknown and which is not encoded."""
        dropped = {"content-length", "content-encoding"} if self._decoder else {"content-length"}
        kept = without_validators(without(headers, *dropped))
        sized = any(name.lower() == "content-length" for name, _ in headers)
        return (*kept, ("Transfer-Encoding", "chunked")) if sized and chunked else kept

    def feed(self, data: bytes) -> bytes:
        """Return what can be forwarded now; empty data is the end of the body."""
        if not data:
            return self._rewriter.close()
        return self._rewriter.feed(self._decode(data))

    def _decode(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        try:
            return self._decoder.feed(data)
        except BrokenCoding:  # the client gets the data as it came, which it could not have decoded either
            self._decoder = None
            return data
