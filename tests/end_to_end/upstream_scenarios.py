"""What upstreams and clients say on the wire, from the ordinary to the odd, for a run with and without a proxy."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

import brotli
import zstandard

GAP = b""
"""In a response: the client has got all that went before."""

OK = b"HTTP/1.1 200 OK\r\n"
SSE = OK + b"Content-Type: text/event-stream\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
TEXT = OK + b"Content-Type: text/plain\r\n"
JSON = OK + b"Content-Type: application/json\r\n"
BINARY = OK + b"Content-Type: application/octet-stream\r\n"
TWO = b"Content-Length: 2\r\n\r\nok"
EVENTS = [b"data: one\n\n", b"data: two\n\n"]
GET = b"GET /%s HTTP/1.1\r\nHost: h\r\n"
POST = b"POST /%s HTTP/1.1\r\nHost: h\r\n"


@dataclass(frozen=True)
class UpstreamScenario:
    """One exchange: the parts of a response as they are sent, and the request as its client sends it.

    `%s` in the request is the scenario's name; `body` follows when the client is asked to go on. The upstream `closes`,
    or `resets`, the connection at the end, or else waits for its client to do so. `early` says that it responds when it
    has read the head of the request.
    """

    name: str
    response: list[bytes]
    request: bytes = GET + b"\r\n"
    closes: bool = False
    resets: bool = False
    early: bool = False
    body: bytes = b""


def chunk(data: bytes) -> bytes:
    """A chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def sized(head: bytes, body: bytes) -> bytes:
    """A response with a length."""
    return head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def deflated(data: bytes) -> bytes:
    """The data in deflate without the header of zlib."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


LONG = b"a long text " * 1000
PACKED = gzip.compress(LONG)
LAST = b"0\r\n\r\n"

SCENARIOS = [
    # Ordinary responses.
    UpstreamScenario("text", [sized(TEXT, b"hello")]),
    UpstreamScenario("empty", [TEXT + b"Content-Length: 0\r\n\r\n"]),
    UpstreamScenario("binary", [sized(BINARY, bytes(range(256)))]),
    UpstreamScenario("json", [sized(JSON, b'{"answer": "caf\xc3\xa9"}')]),
    UpstreamScenario("json-in-pieces", [JSON + b"Content-Length: 13\r\n\r\n", b'{"answer"', b": 1}\n"]),
    UpstreamScenario("long", [sized(TEXT, LONG)]),
    UpstreamScenario("large-binary", [sized(BINARY, bytes(range(256)) * 2000)]),
    UpstreamScenario("no-content", [b"HTTP/1.1 204 No Content\r\n\r\n"]),
    UpstreamScenario("not-modified", [b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 9\r\n\r\n']),
    UpstreamScenario("redirect", [b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"]),
    UpstreamScenario("not-found", [sized(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n", b"<p>no</p>")]),
    UpstreamScenario("unavailable", [sized(b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n", b"")]),
    UpstreamScenario("own-status", [b"HTTP/1.1 299 My Own\r\n" + TWO]),
    UpstreamScenario("no-reason", [b"HTTP/1.1 200 \r\n" + TWO]),
    UpstreamScenario("reason-left-out", [b"HTTP/1.1 200\r\n" + TWO]),
    UpstreamScenario("latin-1", [OK + b"X-Name: caf\xe9\r\n" + TWO]),
    UpstreamScenario("repeated", [OK + b"Set-Cookie: a=1\r\nset-cookie: b=2\r\nX-A: 1\r\nx-a: 2\r\n" + TWO]),
    UpstreamScenario("many-headers", [OK + b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(90)) + TWO]),
    UpstreamScenario("long-header", [OK + b"X-Long: " + b"x" * 20_000 + b"\r\n" + TWO]),
    UpstreamScenario("no-type", [OK + TWO]),
    UpstreamScenario("etag", [OK + b'ETag: "a"\r\nDigest: sha-256=x\r\n' + TWO]),
    UpstreamScenario("etag-of-text", [TEXT + b'ETag: "a"\r\nContent-MD5: x\r\n' + TWO]),
    UpstreamScenario("keep-alive", [OK + b"Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n" + TWO]),
    UpstreamScenario("connection-close", [OK + b"Connection: close\r\n" + TWO], closes=True),
    UpstreamScenario("head", [OK + b"Content-Length: 99\r\n\r\n"], b"HEAD /%s HTTP/1.1\r\nHost: h\r\n\r\n"),
    # Streams.
    UpstreamScenario("chunked", [SSE + CHUNKED + chunk(EVENTS[0]) + chunk(EVENTS[1]) + LAST]),
    UpstreamScenario("stream", [SSE + CHUNKED + chunk(EVENTS[0]), GAP, chunk(EVENTS[1]), GAP, LAST]),
    UpstreamScenario("slow-big-chunk", [SSE + CHUNKED + b"28\r\n" + b"x" * 20, GAP, b"y" * 20 + b"\r\n" + LAST]),
    UpstreamScenario("until-close", [SSE + b"\r\n" + EVENTS[0], GAP, EVENTS[1]], closes=True),
    UpstreamScenario("until-close-1.0", [b"HTTP/1.0 200 OK\r\n\r\n" + EVENTS[0], GAP, EVENTS[1]], closes=True),
    UpstreamScenario("slow-length", [JSON + b"Content-Length: 6\r\n\r\n[1,", GAP, b" 2]"]),
    UpstreamScenario("cut-character", [SSE + CHUNKED + chunk(b"data: \xc3"), chunk(b"\xa9\n\n") + LAST]),
    UpstreamScenario("many-chunks", [SSE + CHUNKED + b"".join(map(chunk, EVENTS * 200)) + LAST]),
    # What curl reads, although it is odd.
    UpstreamScenario("early-hints", [b"HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n", GAP, OK + TWO]),
    UpstreamScenario("continue-unasked", [b"HTTP/1.1 100 Continue\r\n\r\n" + OK + TWO]),
    UpstreamScenario("processing", [b"HTTP/1.1 102 Processing\r\n\r\n" * 2 + OK + TWO]),
    UpstreamScenario("trailers", [OK + b"Trailer: X-Sum\r\n" + CHUNKED + chunk(b"ok") + b"0\r\nX-Sum: 1\r\n\r\n"]),
    UpstreamScenario("trailers-of-text", [SSE + CHUNKED + chunk(b"ok") + b"0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"]),
    UpstreamScenario("length-and-chunked", [OK + b"Content-Length: 40\r\n" + CHUNKED + chunk(b"ok") + LAST]),
    UpstreamScenario("length-twice", [OK + b"Content-Length: 2\r\n" + TWO]),
    UpstreamScenario("length-twice-list", [OK + b"Content-Length: 2, 2\r\n\r\nok"]),
    UpstreamScenario("chunked-twice", [OK + b"Transfer-Encoding: chunked\r\n" + CHUNKED + chunk(b"ok") + LAST]),
    UpstreamScenario("chunked-1.0", [b"HTTP/1.0 200 OK\r\n" + CHUNKED + chunk(b"ok") + LAST]),
    UpstreamScenario("identity", [OK + b"Transfer-Encoding: identity\r\n" + TWO]),
    UpstreamScenario("folded", [OK + b"X-Note: one\r\n\ttwo\r\n" + TWO]),
    UpstreamScenario("blank-before-colon", [OK + b"X-Note : one\r\n" + TWO]),
    UpstreamScenario("odd-name", [OK + b"X[Note]: one\r\n" + TWO]),
    UpstreamScenario("bare-lf", [b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n"]),
    UpstreamScenario("chunk-blank", [OK + CHUNKED + b"2 \r\nok\r\n0\r\n\r\n"]),
    UpstreamScenario("chunk-extension", [OK + CHUNKED + b'2 ; x="1"\r\nok\r\n0;y\r\n\r\n']),
    UpstreamScenario("excess", [OK + TWO + b"more than was announced"], closes=True),
    UpstreamScenario("leading-blank-line", [b"\r\n" + OK + TWO]),
    # Content codings.
    UpstreamScenario("gzip", [sized(JSON + b"Content-Encoding: gzip\r\n", gzip.compress(b"[1, 2]"))]),
    UpstreamScenario("gzip-binary", [sized(BINARY + b"Content-Encoding: gzip\r\n", gzip.compress(b"\0\1"))]),
    UpstreamScenario("gzip-then-junk", [sized(TEXT + b"Content-Encoding: gzip\r\n", gzip.compress(b"ok") + b"j" * 12)]),
    UpstreamScenario("gzip-two-members", [
        sized(TEXT + b"Content-Encoding: gzip\r\n", gzip.compress(b"one ") + gzip.compress(b"two")),
    ]),
    UpstreamScenario("gzip-chunked", [
        SSE + b"Content-Encoding: gzip\r\n" + CHUNKED + chunk(PACKED[:40]), chunk(PACKED[40:]) + LAST,
    ]),
    UpstreamScenario("deflate", [sized(TEXT + b"Content-Encoding: deflate\r\n", zlib.compress(b"ok"))]),
    UpstreamScenario("deflate-raw", [sized(TEXT + b"Content-Encoding: deflate\r\n", deflated(b"ok"))]),
    UpstreamScenario("br", [sized(TEXT + b"Content-Encoding: br\r\n", brotli.compress(b"ok"))]),
    UpstreamScenario("zstd", [sized(TEXT + b"Content-Encoding: zstd\r\n", zstandard.compress(b"ok"))]),
    UpstreamScenario("two-codings", [
        sized(TEXT + b"Content-Encoding: gzip, br\r\n", brotli.compress(gzip.compress(b"ok"))),
    ]),
    UpstreamScenario("unknown-coding", [sized(TEXT + b"Content-Encoding: x-own\r\n", b"ok")]),
    UpstreamScenario("coding-that-is-none", [sized(TEXT + b"Content-Encoding: gzip\r\n", b"no gzip")]),
    # Endings.
    UpstreamScenario("short-body", [BINARY + b"Content-Length: 9\r\n\r\nhalf"], closes=True),
    UpstreamScenario("short-text", [TEXT + b"Content-Length: 9\r\n\r\nhalf"], closes=True),
    UpstreamScenario("chunks-without-end", [SSE + CHUNKED + chunk(EVENTS[0])], closes=True),
    UpstreamScenario("half-a-chunk", [SSE + CHUNKED + b"9\r\nhalf"], closes=True),
    UpstreamScenario("reset", [SSE + CHUNKED + chunk(EVENTS[0]), GAP], resets=True),
    # Requests.
    UpstreamScenario("post", [OK + TWO], POST + b'Content-Length: 7\r\n\r\n{"a":1}'),
    UpstreamScenario("post-empty", [OK + TWO], POST + b"Content-Length: 0\r\n\r\n"),
    UpstreamScenario("put", [OK + TWO], b"PUT /%s HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"),
    UpstreamScenario("delete", [OK + TWO], b"DELETE /%s HTTP/1.1\r\nHost: h\r\n\r\n"),
    UpstreamScenario("options", [OK + TWO], b"OPTIONS /%s HTTP/1.1\r\nHost: h\r\n\r\n"),
    UpstreamScenario("query", [OK + TWO], b"GET /%s?a=1&a=2&b=%%C3%%A9&c HTTP/1.1\r\nHost: h\r\n\r\n"),
    UpstreamScenario("escapes", [OK + TWO], b"GET /%s/%%7Euser/a%%2Fb//c/../d HTTP/1.1\r\nHost: h\r\n\r\n"),
    UpstreamScenario("request-headers", [OK + TWO], GET + b"X-a: 1\r\nx-A: 2\r\ncookie: a=1; b=2\r\nX-b: \xe9\r\n\r\n"),
    UpstreamScenario("large-post", [OK + TWO], POST + b"Content-Length: 300000\r\n\r\n" + b"q" * 300_000),
    UpstreamScenario("expect", [b"HTTP/1.1 100 Continue\r\n\r\n", GAP, OK + TWO],
                     POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", early=True, body=b"hi"),
    UpstreamScenario("refused-100", [b"HTTP/1.1 401 No\r\n" + CHUNKED + chunk(b"no") + LAST],
                     POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", early=True, closes=True, body=b"hi"),
    UpstreamScenario("early-answer", [OK + TWO], POST + b"Content-Length: 9\r\n\r\nhalf", early=True),
]  # fmt: skip

REFUSED = [
    UpstreamScenario("length-differs", [OK + b"Content-Length: 3\r\n" + TWO]),
    UpstreamScenario("length-that-is-none", [OK + b"Content-Length: two\r\n\r\nok"]),
    UpstreamScenario("no-http", [b"SSH-2.0-OpenSSH\r\n"]),
    UpstreamScenario("no-answer", [], closes=True),
    UpstreamScenario("half-a-head", [OK + b"X-A"], closes=True),
    UpstreamScenario("interim-only", [b"HTTP/1.1 102 Processing\r\n\r\n"], closes=True),
    UpstreamScenario("unknown-transfer-coding", [OK + b"Transfer-Encoding: own\r\n\r\nok"]),
]
"""Responses that no client reads; a proxy answers 502 in their place."""
