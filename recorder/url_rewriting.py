"""Rewrites a response for the client of a reverse proxy, so that it goes on talking to the proxy.

In headers and in text bodies, the origin of the upstream is replaced by that of the proxy. Cookies lose the attributes
that would keep the client from sending them back: `Domain`, and `Secure` where the client speaks plain HTTP. The
cassette keeps the response as the upstream sent it.

A body is rewritten piece by piece. Only a tail that may be the beginning of the upstream's origin, or an origin that
may go on, is held back. For the upstream http://up and the proxy http://me:

    feed(b"see http://u")      returns b"see "           and holds back "http://u"
    feed(b"p")                 returns b""               and holds back "http://up": it may become http://up.example
    feed(b"/faq")              returns b"http://me/faq"  and holds back nothing
"""

from __future__ import annotations

import functools
import re
from typing import Self
from urllib.parse import urlsplit

from foundation.http.cookies import Attribute, edit_attributes
from foundation.http.headers import Headers, media_type, values
from recorder.content_coding import BrokenCoding, decoder_for

DEFAULT_PORTS = {"http": 80, "https": 443}
OTHER_ORIGIN = rb"(?![a-z0-9_@-]|\.[a-z0-9]|:[0-9])"
"""Refuses what would make it another origin: a longer host, another port, or an @ (so it was a user's name)."""

TEXT_TYPES = re.compile(r"text/.*|application/((.*\+)?(json|xml)|x-ndjson|javascript)")


class UrlRewriter:
    """Replaces the origin `upstream` by the origin `proxy`; both are `scheme://host[:port]`."""

    def __init__(self, upstream: str, proxy: str) -> None:
        forms = [form.lower().encode() for form in origin_forms(upstream)]
        forms += [escaped(form) for form in forms]
        # The longest first, so that an explicit default port is replaced together with its host.
        ordered = sorted((re.escape(form[1:]) for form in forms), key=len, reverse=True)
        url = b"(?:%s)%s" % (b"|".join(ordered), OTHER_ORIGIN)
        growing = b"|".join(beginning(form[1:] + more) for form in forms for more in (b".", b":"))
        # Both patterns begin with a literal letter: `re` finds that much faster than alternatives.
        self._whole = re.compile(b"h" + url)
        self._whole_or_cut = re.compile(rb"h(?:(?P<cut>(?:%s)?\Z)|%s)" % (growing, url))
        self._longest = max(map(len, forms)) + 1
        self._host = (urlsplit(upstream).hostname or "").encode()
        self._proxy = proxy.encode()

    def rewrite(self, data: bytes) -> bytes:
        """Return the data with the upstream's origin replaced by the proxy's, wherever it occurs."""
        return self._replace(self._whole, data)[0]

    def rewrite_prefix(self, data: bytes) -> tuple[bytes, bytes]:
        """Rewrite data that may go on; returns what is final, and the tail whose rewriting depends on what follows."""
        if data.endswith(b"\n") and b":/" not in data and rb":\/" not in data:  # true of most events
            return data, b""
        return self._replace(self._whole_or_cut, data)

    def _replace(self, pattern: re.Pattern[bytes], data: bytes) -> tuple[bytes, bytes]:
        """Replace what the pattern matches, up to a match that the end of the data cuts; that is the second result."""
        lower = data.lower()
        # Mostly the host does not occur. Then only the end of the data can hold a part of the origin.
        begin = 0 if self._host in lower else max(0, len(lower) - self._longest)
        done, at = [], 0
        while found := pattern.search(lower, begin):
            done.append(data[at : found.start()])
            if found.lastgroup:
                return b"".join(done), data[found.start() :]
            done.append(escaped(self._proxy) if b"\\" in found[0] else self._proxy)
            at = begin = found.end()
        return b"".join([*done, data[at:]]), b""

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

    def feed(self, data: bytes) -> bytes:
        """Return what can be forwarded now."""
        done, self._held = self._urls.rewrite_prefix(self._held + data if self._held else data)
        return done

    def close(self) -> bytes:
        """Return what was held back; no more data follows."""
        held, self._held = self._held, b""
        return self._urls.rewrite(held)


def escaped(url: bytes) -> bytes:
    """Return a url with its slashes escaped, as JSON may have it."""
    return url.replace(b"/", rb"\/")


def beginning(text: bytes) -> bytes:
    """Return a regular expression for the text and for every nonempty prefix of it."""
    return b"(?:".join(re.escape(bytes([byte])) for byte in text) + b")?" * (len(text) - 1)


def origin_forms(origin: str) -> list[str]:
    """Return the spellings of an origin: with its port, and without it where that is the scheme's default."""
    parts = urlsplit(origin)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    default = DEFAULT_PORTS[parts.scheme]
    port = parts.port or default
    bare = f"{parts.scheme}://{host}"
    return [f"{bare}:{port}", bare] if port == default else [f"{bare}:{port}"]


def is_text(headers: Headers) -> bool:
    """Return whether the body is of a text type, whose urls are rewritten."""
    return TEXT_TYPES.fullmatch(media_type(headers)) is not None


def local_cookie(cookie: str, *, secure: bool) -> str:
    """Return a `Set-Cookie` without what would keep a client of the proxy from sending it (RFC 6265, 5.3 and 5.4)."""
    dropped = {"domain"} if secure else {"domain", "secure", "partitioned"}

    def kept(attribute: Attribute, text: str) -> str | None:
        # Browsers refuse SameSite=None and Partitioned without Secure.
        cross_site = attribute.name == "samesite" and attribute.value.lower() == "none"
        return None if attribute.name in dropped or (cross_site and not secure) else text

    return edit_attributes(cookie, kept)


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
        kept = tuple(pair for pair in headers if pair[0].lower() not in dropped)
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
