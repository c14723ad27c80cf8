"""What a reverse proxy mends in a response, so that the client stays on the proxy.

Absolute urls of the upstream lead to the proxy, in headers and in bodies that are text; cookies lose what
would keep the client from sending them back (`Domain`, and `Secure` where the client speaks plain HTTP). The
cassette keeps the original.
"""

from __future__ import annotations

import re
from typing import Self
from urllib.parse import urlsplit

from foundation.http.cookies import Attribute, edit_attributes
from foundation.http.headers import Headers, media_type, values
from recorder.content_coding import BrokenCoding, decoder_for

DEFAULT_PORTS = {"http": 80, "https": 443}
OTHER_ORIGIN = (
    rb"(?![a-z0-9_@-]|\.[a-z0-9]|:[0-9])"  # a longer host, another port, or a user's name before it
)
TEXT_TYPES = re.compile(r"text/.*|application/((.*\+)?(json|xml)|x-ndjson|javascript)")


class UrlRewriter:
    """Replaces one origin by another; both are `scheme://host[:port]`."""

    def __init__(self, upstream: str, proxy: str) -> None:
        forms = [form.lower().encode() for form in origin_forms(upstream)]
        forms += [escaped(form) for form in forms]
        # The longest first, so that a port that is spelled out goes with its host.
        ordered = sorted((re.escape(form[1:]) for form in forms), key=len, reverse=True)
        url = b"(?:%s)%s" % (b"|".join(ordered), OTHER_ORIGIN)
        growing = b"|".join(beginning(form[1:] + more) for form in forms for more in (b".", b":"))
        # Every pattern begins with a letter, which is searched for much faster than alternatives are.
        self._whole = re.compile(b"h" + url)
        self._growing = re.compile(rb"h(?:(?P<begun>(?:%s)?\Z)|%s)" % (growing, url))
        self._longest = max(map(len, forms)) + 1
        self._host = (urlsplit(upstream).hostname or "").encode()
        self._proxy = proxy.encode()

    def rewrite(self, data: bytes) -> bytes:
        """The data with every url of the upstream's origin led to the proxy."""
        return self._lead(self._whole, data)[0]

    def settle(self, data: bytes) -> tuple[bytes, bytes]:
        """The data rewritten as far as it is settled, and its tail that may grow into a url."""
        if data.endswith(b"\n") and b":/" not in data and rb":\/" not in data:  # as it is with most events
            return data, b""
        return self._lead(self._growing, data)

    def _lead(self, pattern: re.Pattern[bytes], data: bytes) -> tuple[bytes, bytes]:
        lower = data.lower()
        # Mostly the host does not occur: then only the tail is of interest.
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
        """The headers for the client; `secure` says whether it speaks TLS to the proxy."""
        return tuple((name, self._header(name, value, secure=secure)) for name, value in headers)

    def _header(self, name: str, value: str, *, secure: bool) -> str:
        if name.lower() == "set-cookie":
            value = local_cookie(value, secure=secure)
        return self.rewrite(value.encode("latin-1")).decode("latin-1")


class BodyRewriter:
    """Rewrites a body while it passes. Only a url that two chunks share waits, for its second half."""

    def __init__(self, urls: UrlRewriter) -> None:
        self._urls = urls
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What can be forwarded now."""
        done, self._held = self._urls.settle(self._held + data if self._held else data)
        return done

    def close(self) -> bytes:
        """What was held back."""
        held, self._held = self._held, b""
        return self._urls.rewrite(held)


def escaped(url: bytes) -> bytes:
    """A url as JSON may spell it."""
    return url.replace(b"/", rb"\/")


def beginning(text: bytes) -> bytes:
    """A regular expression for the text or any beginning of it."""
    return b"(?:".join(re.escape(bytes([byte])) for byte in text) + b")?" * (len(text) - 1)


def origin_forms(origin: str) -> list[str]:
    """The spellings of an origin: with and without its port, where that is the scheme's own."""
    parts = urlsplit(origin)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    default = DEFAULT_PORTS[parts.scheme]
    port = parts.port or default
    bare = f"{parts.scheme}://{host}"
    return [f"{bare}:{port}", bare] if port == default else [f"{bare}:{port}"]


def is_text(headers: Headers) -> bool:
    """Whether a body of this type may hold urls."""
    return TEXT_TYPES.fullmatch(media_type(headers)) is not None


def local_cookie(cookie: str, *, secure: bool) -> str:
    """A `Set-Cookie` that a client of the proxy sends back (RFC 6265, 5.3 and 5.4)."""
    dropped = {"domain"} if secure else {"domain", "secure", "partitioned"}

    def kept(attribute: Attribute, text: str) -> str | None:
        # Browsers refuse SameSite=None and Partitioned without Secure.
        cross_site = attribute.name == "samesite" and attribute.value.lower() == "none"
        return None if attribute.name in dropped or (cross_site and not secure) else text

    return edit_attributes(cookie, kept)


class BodyForwarder:
    """A body on its way to the client: decoded where that must be, and rewritten."""

    def __init__(self, urls: UrlRewriter, encoding: str) -> None:
        self._rewriter = BodyRewriter(urls)
        self._decoder = decoder_for(encoding)

    @classmethod
    def of(cls, headers: Headers, urls: UrlRewriter) -> Self | None:
        """The forwarder for a response; None when its body passes as it is.

        That is so when it is no text, or in a content coding that we cannot undo.
        """
        encoding = ", ".join(values(headers, "content-encoding"))
        if not is_text(headers) or (encoding and decoder_for(encoding) is None):
            return None
        return cls(urls, encoding)

    def headers(self, headers: Headers, *, chunked: bool) -> Headers:
        """The headers that fit: the length is not known before the end, and a coding is undone."""
        dropped = {"content-length", "content-encoding"} if self._decoder else {"content-length"}
        kept = tuple(pair for pair in headers if pair[0].lower() not in dropped)
        sized = any(name.lower() == "content-length" for name, _ in headers)
        return (*kept, ("Transfer-Encoding", "chunked")) if sized and chunked else kept

    def feed(self, data: bytes) -> bytes:
        """What can be forwarded now; no data is the end."""
        if not data:
            return self._rewriter.close()
        return self._rewriter.feed(self._decode(data))

    def _decode(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        try:
            return self._decoder.feed(data)
        except BrokenCoding:  # the client gets what came: it could not have read it either
            self._decoder = None
            return data
