"""Secrets as traffic has them: place by kind by disguise. All values are drawn here, and none was ever anybody's."""

from __future__ import annotations

import base64
import gzip
import json
import random
import string
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import brotli
import zstandard

DRAWN = random.Random("planted")  # noqa: S311 - these are no secrets
WIDE = string.ascii_letters + string.digits
HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Traffic:
    """One exchange, and what must be nowhere in its part of the file."""

    label: str
    secrets: tuple[str, ...]
    url: str = "/v1/chat"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media: str = "application/json"
    answer_headers: tuple[tuple[str, str], ...] = ()
    answer: tuple[bytes, ...] = field(default=())
    answer_media: str = "text/event-stream"


def drawn(count: int, alphabet: str = WIDE) -> str:
    """A value with letters and digits, as issuers draw them."""
    while True:
        found = "".join(DRAWN.choices(alphabet, k=count))
        if sum(map(str.isdigit, found)) > count // 9 and not found.isdigit():
            return found


def event(value: object, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(value)}\n\n".encode()


# Places: where a name and its value stand.


def in_json(name: str, value: str) -> dict[str, object]:
    return {"body": json.dumps({"query": "hi", name: value, "n": 1}).encode()}


def in_nested_json(name: str, value: str) -> dict[str, object]:
    inner = json.dumps({"a": [{name: value}], "b": 2})
    return {"body": json.dumps({"tool": {"arguments": inner}}).encode()}


def in_form(name: str, value: str) -> dict[str, object]:
    body = f"user=ada&{name}={quote(value, safe='')}&x=1".encode()
    return {"body": body, "media": "application/x-www-form-urlencoded"}


def in_query(name: str, value: str) -> dict[str, object]:
    return {"url": f"/v1/chat?x=1&{name}={quote(value, safe='')}&alt=sse"}


def in_multipart(name: str, value: str) -> dict[str, object]:
    body = f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--XX--\r\n'.encode()
    return {"body": body, "media": "multipart/form-data; boundary=XX"}


def in_event(name: str, value: str) -> dict[str, object]:
    return {"answer": (event({"step": 1}), event({"login": {name: value}, "ok": True}))}


def cut_in_the_value(name: str, value: str) -> dict[str, object]:
    whole = event({"login": {name: value}})
    at = whole.index(value.encode()[:3]) + 3
    return {"answer": (whole[:at], whole[at : at + 1], whole[at + 1 :])}


def cut_in_the_name(name: str, value: str) -> dict[str, object]:
    whole = event({"login": {name: value}})
    at = whole.index(name.encode()) + 2
    return {"answer": (whole[:at], whole[at:])}


PLACES = (
    in_json,
    in_nested_json,
    in_form,
    in_query,
    in_multipart,
    in_event,
    cut_in_the_value,
    cut_in_the_name,
)

NAMES: dict[str, Callable[[], str]] = {
    "password": lambda: "hunter" + drawn(4, "0123456789xyz"),
    "db-password": lambda: drawn(12),
    "api_key": lambda: drawn(24),
    "apiKey": lambda: drawn(20),
    "access_token": lambda: drawn(32),
    "refreshToken": lambda: drawn(40),
    "client_secret": lambda: drawn(28),
    "webhook_secret": lambda: drawn(16),
    "token": lambda: drawn(24),
    "session_id": lambda: drawn(32, HEX),
    "otp": lambda: str(DRAWN.randrange(10**7, 10**8)),
    "jwt": lambda: drawn(30),
    "X-Amz-Signature": lambda: drawn(64, HEX),
    "private_key": lambda: drawn(48),
}

PLURALS = {"api_keys": 3, "passwords": 2, "secrets": 2, "tokens": 3}

HEADERS = """
Authorization Proxy-Authorization X-Api-Key xi-api-key x-portkey-api-key Helicone-Auth cf-aig-authorization
X-Client-Secret X-Subscription-Token Authorization-Token X-Jwt-Assertion x-goog-api-key Ocp-Apim-Subscription-Key
X-Vault-Token PRIVATE-TOKEN X-Amz-Security-Token X-Hub-Signature-256 Cf-Access-Client-Secret Mcp-Session-Id
X-Ms-Client-Principal
"""

SHAPES: dict[str, Callable[[], str]] = {
    "openai": lambda: "sk-" + drawn(40),
    "openai project": lambda: "sk-proj-" + drawn(60, WIDE + "-_"),
    "anthropic": lambda: "sk-ant-api03-" + drawn(80, WIDE + "-_"),
    "openrouter": lambda: "sk-or-v1-" + drawn(64, HEX),
    "google": lambda: "AIza" + drawn(35, WIDE + "-_"),
    "aws": lambda: "AKIA" + drawn(16, string.ascii_uppercase + "234567"),
    "github": lambda: "ghp_" + drawn(36),
    "github fine": lambda: "github_pat_" + drawn(60, WIDE + "_"),
    "gitlab": lambda: "glpat-" + drawn(20),
    "huggingface": lambda: "hf_" + drawn(34),
    "slack": lambda: f"xoxb-{drawn(11, '0123456789a')}-{drawn(24)}",
    "groq": lambda: "gsk_" + drawn(52),
    "nvidia": lambda: "nvapi-" + drawn(64, WIDE + "-_"),
    "langsmith": lambda: f"lsv2_pt_{drawn(32, HEX)}_{drawn(10, HEX)}",
    "stripe": lambda: "sk_live_" + drawn(24),
    "sendgrid": lambda: f"SG.{drawn(22)}.{drawn(43)}",
    "npm": lambda: "npm_" + drawn(36),
    "google oauth": lambda: "ya29." + drawn(60, WIDE + "-_"),
    "jwt": lambda: f"eyJ{drawn(20)}.eyJ{drawn(40)}.{drawn(43, WIDE + '-_')}",
    "bearer": lambda: "Bearer " + drawn(40),
    "basic": lambda: "Basic " + base64.b64encode(drawn(21).encode()).decode(),
    "url": lambda: f"postgres://app:{drawn(14)}@db.internal:5432/x",
    "telegram": lambda: f"{DRAWN.randrange(10**9, 10**10)}:AA{drawn(33)}",
    "pem": lambda: (
        f"-----BEGIN RSA PRIVATE KEY-----\n{drawn(64)}\n{drawn(64)}\n-----END RSA PRIVATE KEY-----"
    ),
}
KEPT = ("Bearer ", "Basic ", "postgres://app:", "-----BEGIN RSA PRIVATE KEY-----\n")


def essence(shaped: str) -> str:
    """The part of a value of a shape that must be gone; what tells its kind stays."""
    for kept in KEPT:
        shaped = shaped.removeprefix(kept)
    return shaped.partition("@")[0].partition("\n")[0]


def in_prompt(text: str) -> dict[str, object]:
    return {"body": json.dumps({"messages": [{"role": "user", "content": f"Use\n{text}, please."}]}).encode()}


def in_answer(text: str) -> dict[str, object]:
    return {"answer": (event({"choices": [{"delta": {"content": f"It is {text} ."}}]}), b"data: [DONE]\n\n")}


def cut_in_the_middle(text: str) -> dict[str, object]:
    whole = event({"response": f"it is {text}"})
    at = whole.index(essence(text).encode()[:4]) + 2
    return {"answer": (whole[:at], whole[at : at + 7], whole[at + 7 :])}


TEXTS = (in_prompt, in_answer, cut_in_the_middle)


def by_name() -> Iterator[Traffic]:
    for name, draw in NAMES.items():
        for place in PLACES:
            value = draw()
            yield Traffic(f"{name} {place.__name__}", (value,), **place(name, value))  # type: ignore[arg-type]


def by_plural() -> Iterator[Traffic]:
    for name, count in PLURALS.items():
        values = tuple(drawn(20) for _ in range(count))
        yield Traffic(f"{name} in a list", values, body=json.dumps({name: values}).encode())
        more = tuple(drawn(20) for _ in range(count))
        yield Traffic(
            f"{name} in an object",
            more,
            body=json.dumps({name: {f"k{n}": v for n, v in enumerate(more)}}).encode(),
        )


def by_header() -> Iterator[Traffic]:
    for name in HEADERS.split():
        value = drawn(32)
        yield Traffic(f"{name} sent", (value,), headers=((name, f"Bearer {value}"),))
    for name in ("Set-Cookie", "Set-Cookie2"):
        value = drawn(24)
        yield Traffic(f"{name} answered", (value,), answer_headers=((name, f"sid={value}; Path=/"),))
    value = drawn(24)
    yield Traffic("a cookie sent", (value,), headers=(("Cookie", f"theme=dark; sid={value}"),))
    value = drawn(24)
    yield Traffic(
        "a redirect with a token", (value,), answer_headers=(("Location", f"/cb?access_token={value}"),)
    )


def by_shape() -> Iterator[Traffic]:
    for name, draw in SHAPES.items():
        for place in TEXTS:
            value = draw()
            yield Traffic(f"{name} {place.__name__}", (essence(value),), **place(value))  # type: ignore[arg-type]
    value = SHAPES["google"]()
    yield Traffic(
        "google's key in the url", (value,), url=f"/v1beta/models/x:streamGenerateContent?key={value}"
    )
    value = drawn(30)
    yield Traffic("another key in the url", (value,), url=f"/v1/x?key={value}&alt=sse")
    value = SHAPES["telegram"]()
    yield Traffic("a bot's token in the path", (value.partition(":")[2],), url=f"/bot{value}/sendMessage")


def spelled_out() -> Iterator[Traffic]:
    """Secrets of which a chatbot says the end in another event."""
    for name, draw in SHAPES.items():
        if name not in ("bearer", "basic", "url", "telegram", "pem"):
            value = draw()
            deltas = ("It is ", value[:-12], value[-12:], " .")
            answer = tuple(event({"choices": [{"delta": {"content": delta}}]}) for delta in deltas)
            yield Traffic(f"{name} over deltas", (value[-12:],), answer=answer)
    value = drawn(24)
    answer = tuple(event({"response": part}) for part in (value[:9], value[9:], " "))
    body = json.dumps({"password": value}).encode()
    yield Traffic("known, over deltas", (value[:9], value[9:]), body=body, answer=answer)


def disguised() -> Iterator[Traffic]:
    form = "application/x-www-form-urlencoded"
    value = drawn(20)
    yield Traffic("an escaped name in a query", (value,), url=f"/x?api%5Fkey={value}")
    value = drawn(20)
    yield Traffic(
        "an escaped letter in a form", (value,), body=f"p%61ssword={value}&a=1".encode(), media=form
    )
    value = drawn(20)
    yield Traffic("brackets", (value,), body=f"token[]={value}".encode(), media=form)
    value = drawn(20)
    yield Traffic("escaped brackets", (value,), body=f"user%5Bpassword%5D={value}".encode(), media=form)
    value = drawn(20)
    yield Traffic("an escape in a JSON key", (value,), body=b'{"pass\\u0077ord": "%s"}' % value.encode())
    for codec in ("utf-16", "utf-16-le", "utf-16-be"):
        value = drawn(20)
        text = json.dumps({"query": "é€", "password": value}, ensure_ascii=False)
        yield Traffic(codec, (value, "\0".join(value)), body=text.encode(codec))
    value = drawn(20)
    whole = f'{{"a": "€", "api_key": "{value}"}}'.encode("utf-16-le")
    yield Traffic(
        "utf-16 in odd chunks", (value, "\0".join(value)), answer=(whole[:31], whole[31:54], whole[54:]),
        answer_media="application/json; charset=utf-16le",
    )  # fmt: skip
    value = drawn(20)
    yield Traffic(
        "a value on the next line", (value,), answer=(f'data: {{"password":\ndata: "{value}"}}\n\n'.encode(),)
    )
    value = drawn(20)
    yield Traffic(
        "a key on two lines", (value,), answer=(f'data: {{"pass\ndata: word": "{value}"}}\n\n'.encode(),)
    )
    parts = "--XX{0}Content-Disposition: form-data; name={1}{0}{0}{2}{0}--XX--{0}"
    for label, newline, spelled in (("a bare name", "\r\n", "password"), ("line feeds", "\n", '"password"')):
        value = drawn(20)
        yield Traffic(
            f"multipart with {label}", (value,), body=parts.format(newline, spelled, value).encode(),
            media="multipart/form-data; boundary=XX",
        )  # fmt: skip
    value = drawn(20)
    yield Traffic(
        "name and value", (value,), body=json.dumps([{"name": "password", "value": value}]).encode()
    )
    value = drawn(20)
    yield Traffic("value and name", (value,), body=json.dumps([{"value": value, "name": "api_key"}]).encode())
    value = drawn(20)
    yield Traffic("Python's repr", (value,), answer=(event({"log": f"{{'password': '{value}'}}"}),))
    value = drawn(20)
    yield Traffic("code with a literal", (value,), answer=(event({"text": f'Client(api_key="{value}")'}),))
    value = drawn(20)
    yield Traffic("a url in a text", (value,), answer=(event({"text": f"see https://h/x?token={value}."}),))


def compressed() -> Iterator[Traffic]:
    codings: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": brotli.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }
    for coding, compress in codings.items():
        value = drawn(24)
        encoded = (("Content-Encoding", coding),)
        body = json.dumps({"api_key": value}).encode()
        yield Traffic(f"{coding} request", (value,), headers=encoded, body=compress(body))
        value = drawn(24)
        packed = compress(event({"login": {"password": value}}))
        yield Traffic(
            f"{coding} response", (value,), answer_headers=encoded, answer=(packed[:20], packed[20:])
        )


def followed() -> Iterator[Traffic]:
    """A value that its place tells once, and that occurs elsewhere in another form."""
    forms: dict[str, Callable[[str], str]] = {
        "as it is": str,
        "in base64": lambda value: base64.b64encode(value.encode()).decode(),
        "in base64 behind a user": lambda value: base64.b64encode(f"ada:{value}".encode()).decode(),
        "in base64 for urls": lambda value: base64.urlsafe_b64encode(f"{{{value}}}".encode()).decode(),
        "in percent-encoding": lambda value: quote(value, safe=""),
        "in every escape": lambda value: "".join(f"%{ord(one):02X}" for one in value),
        "in JSON's escapes": lambda value: "".join(f"\\u{ord(one):04x}" for one in value),
    }
    for label, form in forms.items():
        value = drawn(10) + "/+" + drawn(12)
        told = json.dumps({"password": value}).encode()
        shown = form(value)
        yield Traffic(
            f"known, {label}", (value, shown.strip("=")), body=told, answer=(f"data: {shown}\n\n".encode(),)
        )
        value = drawn(10) + "/+" + drawn(12)
        shown = form(value)
        headers = (("Cookie", f"sid={value}"),)
        yield Traffic(
            f"a known cookie, {label}", (value, shown.strip("=")), headers=headers,
            answer=(b"data: " + shown[:9].encode(), f"{shown[9:]}\n\n".encode()),
        )  # fmt: skip


TABLE = [
    *by_name(),
    *by_plural(),
    *by_header(),
    *by_shape(),
    *spelled_out(),
    *disguised(),
    *compressed(),
    *followed(),
]
