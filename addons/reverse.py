"""Applies `recorder.url_rewriting` to mitmproxy's flows, so that a reverse proxy's client goes on talking to it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable

from mitmproxy import ctx, http
from mitmproxy.net.http import url as urls
from mitmproxy.proxy.mode_specs import ReverseMode

from foundation.http.cookies import original_cookies
from recorder.mitmproxy.flow_conversion import origin_of, text
from recorder.url_rewriting import BodyForwarder, UrlRewriter

CLIENT_ORIGIN = "chatreel-client-origin"
AUTHORITY = re.compile(r"[A-Za-z0-9._-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def take_client_origin(flow: http.HTTPFlow) -> None:
    """Remember the origin that the client uses, from its Host header, and set that header for the upstream.

    When the header is malformed, or was replaced because mitmproxy's `keep_host_header` is off, the address that the
    client connected to is used instead.
    """
    if not isinstance(flow.client_conn.proxy_mode, ReverseMode):
        return
    scheme = "https" if flow.client_conn.tls else "http"
    request = flow.request
    if "cookie" in request.headers:
        request.headers.set_all("cookie", list(map(original_cookies, request.headers.get_all("cookie"))))
    if ctx.options.keep_host_header:
        authority = request.host_header or ""
        request.host_header = urls.hostport(request.scheme, request.host, request.port)
    else:
        authority = ""
    if not AUTHORITY.fullmatch(authority):
        authority = urls.hostport(scheme, *flow.client_conn.sockname[:2])
    flow.metadata[CLIENT_ORIGIN] = f"{scheme}://{authority}"


type Forward = Callable[[bytes], bytes | Iterable[bytes]]
"""What mitmproxy passes each piece of a body through."""


def rewrite_for_client(flow: http.HTTPFlow) -> Forward | None:
    """Rewrite the headers of a response for its client; returns the function that rewrites its body, if one must."""
    response, origin = flow.response, flow.metadata.get(CLIENT_ORIGIN)
    assert response is not None
    if origin is None:
        return None
    rewriter = rewriter_of(origin_of(flow.request), origin)
    before = text(response.headers)
    after = rewriter.headers(before, secure=origin.startswith("https:"))
    forwarder = BodyForwarder.of(before, rewriter) if has_body(flow) else None
    if forwarder is not None:
        after = forwarder.headers(after, chunked=flow.request.http_version == "HTTP/1.1")
    if after != before:
        fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in after]
        response.headers = http.Headers(fields)
    # mitmproxy would send empty bytes as a last chunk; an empty list sends none.
    return (lambda data: forwarder.feed(data) or []) if forwarder else None


# Patterns are compiled once for each pair of origins. Clients choose theirs, so the cache is bounded.
rewriter_of = functools.lru_cache(maxsize=64)(UrlRewriter)


def has_body(flow: http.HTTPFlow) -> bool:
    """Return whether the response can have a body (RFC 9112, 6.3)."""
    assert flow.response is not None
    status = flow.response.status_code
    return flow.request.method != "HEAD" and status >= 200 and status not in {204, 304}
