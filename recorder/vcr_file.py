"""Reads cassettes of vcrpy (https://github.com/kevin1024/vcrpy), in YAML or JSON, as cassettes of ours.

The YAML is loaded safely: no tag makes an object. A cassette of vcrpy has no times, so each exchange follows the one
before by a millisecond, and its body comes at once.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlsplit

from cassettes import model
from cassettes.file import format_v1
from foundation import walltime
from foundation.errors import CassetteError
from foundation.http.headers import Headers, values
from foundation.http.urls import PRINTABLE
from recorder.assembly import decode_whole

LARGEST_FILE = 256 << 20
"""Bytes that a file may have: reading YAML takes some thirty times its size in memory."""

STEP = 1000
"""Microseconds between two exchanges."""

UNREADABLE_INTERACTION = "that cannot be read"
"""What interactions without a meaning are counted as."""


class VcrFile:
    """A cassette of vcrpy, read. `skipped` and `warnings` are as those of a HAR file."""

    def __init__(self, path: Path, interactions: list[Any], created: int) -> None:
        self.path = path
        self.skipped: Counter[str] = Counter()
        self.warnings: list[str] = []
        self._created = created
        self._exchanges: list[list[model.AnyRecord]] = []
        origins = set()
        for number, interaction in enumerate(interactions, 1):
            exchange = model.RecordingExchange(len(self._exchanges))
            try:
                records = list(records_of(interaction, exchange, exchange * STEP))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self.skipped[UNREADABLE_INTERACTION] += 1
                self.warnings.append(
                    f"{path}, interaction {number}: left out, {type(error).__name__}: {error}"
                )
                continue
            self._exchanges.append(records)
            origins.add(origin(interaction["request"]))
        if not self._exchanges:
            raise CassetteError(f"{path}: expected interactions of vcrpy, found none that can be read")
        self._upstream = origins.pop() if len(origins) == 1 else ""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read a file; raises CassetteError."""
        try:
            status = path.stat()
            if status.st_size > LARGEST_FILE:
                raise CassetteError(
                    f"{path}: has {status.st_size} bytes, and {LARGEST_FILE >> 20} MiB of YAML are read at most"
                )
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise CassetteError(f"{path}: expected UTF-8, found something else ({error})") from None
        except OSError as error:
            raise CassetteError(f"{path}: cannot be read: {error.strerror}") from None
        found = load(path, text)
        interactions = found.get("interactions") if isinstance(found, dict) else None
        if not isinstance(interactions, list):
            raise CassetteError(f"{path}: expected a cassette of vcrpy, found no list of interactions")
        return cls(path, interactions, int(status.st_mtime) * 1_000_000)

    def __len__(self) -> int:
        """How many exchanges it holds."""
        return len(self._exchanges)

    def records(self) -> Iterator[model.AnyRecord]:
        """The records of the cassette."""
        yield model.Header(
            version=format_v1.VERSION,
            created=walltime.to_text(self._created),
            recorder="vcrpy",
            upstream=self._upstream,
        )
        for records in self._exchanges:
            yield from records


def load(path: Path, text: str) -> Any:
    """Return the value of a YAML or JSON text, of plain types only; raises CassetteError."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - few files are YAML
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    yaml = YAML(typ="safe", pure=True)
    # Python 2 wrote its texts with these tags.
    for tag in ("str", "unicode"):
        yaml.constructor.add_constructor(f"tag:yaml.org,2002:python/{tag}", lambda _loader, node: node.value)
    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        first = str(error).partition("\n")[0] or type(error).__name__
        raise CassetteError(
            f"{path}: expected YAML or JSON of plain values, found something else ({first})"
        ) from None


def records_of(interaction: Any, exchange: model.RecordingExchange, at: int) -> Iterator[model.AnyRecord]:
    """The records of an interaction; raises one of several errors when it lacks something."""
    asked, answered = interaction["request"], interaction["response"]
    headers = headers_of(asked.get("headers"))
    body, encoding = decode_whole(octets(asked.get("body")), ", ".join(values(headers, "content-encoding")))
    yield model.Request(
        exchange=exchange,
        at=at,
        method=text_of(asked["method"]),
        url=quote(text_of(asked.get("uri") or asked["url"]), safe=PRINTABLE),
        http="1.1",
        headers=headers,
        body=body,
        encoding=encoding,
    )
    code, reason = status_of(answered)
    headers = headers_of(answered.get("headers"))
    codings = ", ".join(values(headers, "content-encoding"))
    whole = octets(answered["body"] if "body" in answered else answered.get("content"))
    data, _ = decode_whole(whole, codings)
    # Its body may have been decoded before it was kept, with the headers as they were.
    yield model.Response(
        exchange=exchange, at=at, status=code, reason=reason, headers=headers, encoding=codings
    )
    if data:
        yield model.Chunk(exchange=exchange, at=at, data=data)
    yield model.End(exchange=exchange, at=at, how="complete")


def status_of(response: dict[str, Any]) -> tuple[int, str]:
    """The status and the reason of a response; raises ValueError for what is no status."""
    status = response.get("status", response.get("status_code"))
    code, reason = (status.get("code"), status.get("message")) if isinstance(status, dict) else (status, "")
    code = int(str(code))
    if not 100 <= code <= 999:
        raise ValueError(f"{code} is no status")
    return code, text_of(reason or "")


def headers_of(found: Any) -> Headers:
    """The headers of a request or a response: an object of values, or of lists of values."""
    if not isinstance(found, dict):
        return ()
    return format_v1.octet_text(
        tuple(
            (text_of(name), text_of(value).strip())
            for name, listed in found.items()
            for value in (listed if isinstance(listed, list) else [listed])
            if isinstance(value, str | bytes | int | float)
        )
    )


def octets(body: Any) -> bytes:
    """The bytes of a body; raises ValueError for what is none."""
    match body:
        case None:
            return b""
        case {"base64_string": str() as text}:
            return base64.b64decode(text)
        case {"string": found} | {"encoding": _, "string": found}:
            return octets(found)
        case str():
            return body.encode("utf-8", "surrogateescape")
        case bytes():
            return body
        case _:
            raise ValueError(f"expected a body, found {type(body).__name__}")


def text_of(value: Any) -> str:
    """A scalar as text; raises ValueError for another value."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"expected a text, found {type(value).__name__}")


def origin(request: dict[str, Any]) -> str:
    """The origin of a request."""
    parts = urlsplit(text_of(request.get("uri") or request["url"]))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
